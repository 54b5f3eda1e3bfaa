// A guest: a node's own link to its master, which joins, changes keys and asks for what was lost. It says OTHER, and shows texts.
import { existsSync } from 'node:fs';
import { keepaliveMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { parseInvite } from '@sealcast/channel/invite';
import { keepIdentity } from '@sealcast/node/identity-file';
import { hopCredentials } from '@sealcast/node/link/credentials';
import { Link } from '@sealcast/node/link/link';
import { MasterClock } from '@sealcast/node/link/master-clock';
import { findMaster, keepMaster } from '@sealcast/node/master-file';
import { createLog } from '@sealcast/runtime/log';
import { privateFolder } from '@sealcast/runtime/private-file';

/** `folder` keeps an identity and the room's keys; `invite` is only needed for the first time. */
export function joinRoom(folder: string, invite: string, show: (said: string) => void) {
  privateFolder(folder, 'the folder of a guest');
  const invited = invite === '' ? undefined : parseInvite(invite);
  if (invited === undefined && !existsSync(`${folder}/master.json`))
    throw new Error('there is nothing to come back to: ask the room for an invite, and paste the whole line');
  const master = findMaster(folder, invited);
  const kept = keepIdentity(folder, systemEntropy);
  const link = new Link({
    master,
    identity: kept.identity,
    keys: hopCredentials(kept, master),
    entropy: systemEntropy,
    clock: new MasterClock(() => performance.now()),
    log: createLog('guest', 'warn', { write: (line) => show(`\t${inTheRoom(JSON.parse(line).msg)}`) }),
    other: true,
    on: {
      live: ({ rsa }) => {
        keepMaster(folder, invited, rsa);
        silence.refresh();
      },
      ack: () => silence.refresh(),
      command: ({ action }) => action.type === 'text' && show(action.text),
    },
  });
  const silence = setInterval(() => link.giveUp('silence'), keepaliveMs);
  // Each is answered with the number of what was said last: the link asks for what did not come.
  setInterval(() => link.send({ kind: 'report', body: { samples: [] } }), 1000);
  link.start();
  const say = (text: string) =>
    link.send({ kind: 'other', body: Buffer.from(text) }) || show('\tthe room is not there: say it again');
  return { say, leave: () => link.stop() };
}

/** What the link says of a node and its master. */
function inTheRoom(text: string): string {
  if (text === 'the link to the master is lost')
    return 'the room is gone: you come in again by yourself once it is back';
  return text.replaceAll('the master', 'the room');
}
