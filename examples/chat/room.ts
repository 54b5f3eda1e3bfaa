// A room: a master of the channel. What a guest says comes up as OTHER, and goes out to all as a signed, numbered broadcast.
import { systemEntropy } from '@sealcast/channel/entropy';
import { Group } from '@sealcast/channel/group';
import { formatHop, parseHop } from '@sealcast/channel/hop-line';
import { formatInvite } from '@sealcast/channel/invite';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import { decodeZ85 } from '@sealcast/channel/z85';
import { HopServer } from '@sealcast/hop/server';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair } from 'zeromq';
import { isName, plain } from './words.ts';

const inviteSeconds = 3600;

/** Where no host is named, guests come from this machine alone. `show` is given a name, a tab and a text. */
export async function openRoom(host: string, ports: number[], show: (said: string) => void) {
  const [dataIn = 36510, dataOut = 36511, joinIn = 36512, joinOut = 36513] = ports;
  const [keys, curve, relays] = [newMasterKeys(), curveKeyPair(), new Set<string>()];
  const own = formatHop({ host, data: [dataIn, dataOut], join: [joinIn, joinOut], curve: decodeZ85(curve.publicKey) });

  const hop = new HopServer({
    host: host === 'localhost' ? '127.0.0.1' : '0.0.0.0',
    ports: { dataIn, dataOut, joinIn, joinOut },
    credentials: { mechanism: 'curve', ...curve },
    admits: ({ hopKey }) => (relays.has(hopKey.toHex()) ? 'relay' : group.admits(hopKey)),
    log: createLog('room', 'silent'),
  });
  const group = new Group({
    keys,
    entropy: systemEntropy,
    now: Date.now,
    outlet: hop.outlet,
    on: {
      came: (name) => tell('', `${name} came in`),
      said: (name, words) => tell(name, Buffer.from(words).toString()),
      went: (name) => tell('', `${name} went`),
    },
  });

  function tell(name: string, words: string): void {
    const said = `${name}\t${plain(words)}`;
    if (said.endsWith('\t')) return;
    show(said);
    group.say(said);
  }

  /** An invite pins the keys of the seal, which are the room's, and the hop that leads there: the room's own, or a relay's. */
  function invite(name: string, line: string): string {
    if (!isName(name)) throw new Error('a name is up to 24 letters and digits');
    if (name === 'room') throw new Error('room is taken');
    const { up, ...reached } = parseHop(line);
    if (up) relays.add(up.toHex());
    const pinned = { mechanism: 'curve', rsa: keys.rsa[0].rsaSpki, signing: keys.signingPublic } as const;
    return formatInvite({ ...reached, ...pinned, ...group.invite(name, inviteSeconds) });
  }

  /** Takes what is typed in the room itself. */
  function say(text: string): void {
    const [, name, relay = own] = /^\/invite +(\S+) *(\S+)?$/.exec(text) ?? [];
    if (name === undefined) return tell('room', text);
    try {
      show(`\t${name} types: npm run chat -- join ${name}\nand pastes: ${invite(name, relay)}`);
    } catch (error) {
      show(`\t${String(error)}`);
    }
  }

  await hop.start({ join: (frame) => group.join(frame), data: (frame) => group.hear(frame), refused: () => {} });
  setInterval(() => group.sweep(), 1000);
  show(`\t/invite NAME [LINE OF A RELAY] lets one guest in\na relay is started with mq_upstream='${own}'`);
  return { say, leave: () => hop.stop() };
}
