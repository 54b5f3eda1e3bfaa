// A guest: a node's own link to its master, which joins, changes keys and asks for what was lost. It says OTHER, and shows texts.
import { keepaliveMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { parseInvite } from '@sealcast/channel/invite';
import { keepIdentity } from '@sealcast/node/identity-file';
import { hopCredentials } from '@sealcast/node/link/credentials';
import { Link } from '@sealcast/node/link/link';
import { MasterClock } from '@sealcast/node/link/master-clock';
import { type Elsewhere, findMaster, keepMaster } from '@sealcast/node/master-file';
import { createLog } from '@sealcast/runtime/log';
import { privateFolder } from '@sealcast/runtime/private-file';

const askMs = 1000;
const asInvited: Elsewhere = { host: undefined, data: [undefined, undefined], join: [undefined, undefined] };

export class Guest {
  readonly #link: Link;
  readonly #unsaid: string[] = [];

  /** `folder` keeps an identity and the room's keys; `invite` is only needed for the first time. */
  constructor(folder: string, invite: string, show: (said: string) => void) {
    privateFolder(folder, 'the folder of a guest');
    const invited = invite === '' ? undefined : parseInvite(invite);
    const master = findMaster(folder, invited, asInvited);
    const kept = keepIdentity(folder, systemEntropy);
    const silence = setTimeout(() => this.#link.giveUp('silence'), keepaliveMs);
    this.#link = new Link({
      master,
      identity: kept.identity,
      keys: hopCredentials(kept, master),
      entropy: systemEntropy,
      clock: new MasterClock(() => performance.now()),
      log: createLog('guest', 'warn', { write: (line) => show(`\t${JSON.parse(line).msg}`) }),
      other: true,
      on: {
        live: ({ rsa }) => {
          keepMaster(folder, invited, rsa);
          silence.refresh();
          for (const text of this.#unsaid.splice(0)) this.say(text);
        },
        // Each brings the number of what was said last.
        ack: () => silence.refresh(),
        command: ({ action }) => action.type === 'text' && show(action.text),
        rekeyed: () => {},
        lost: () => {},
        rotated: () => {},
        refused: () => {},
      },
    });
    this.#link.start();
    setInterval(() => this.#link.send({ kind: 'report', body: { samples: [] } }), askMs);
  }

  say(text: string): void {
    if (!this.#link.send({ kind: 'other', body: Buffer.from(text) })) this.#unsaid.push(text);
  }

  leave(): Promise<void> {
    return this.#link.stop();
  }
}
