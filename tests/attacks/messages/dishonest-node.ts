// A node that has joined like any other and keeps to nothing from then on: the twin's, so that a test holds its keys.
import { TwinNodeJoin } from '../../twin/join-node.ts';
import { readSpki } from '../../twin/rsa.ts';
import type { SessionKeys, TwinSession } from '../../twin/session.ts';
import { type PaperFleet, PaperNode, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { chance } from './false-master.ts';

export interface DishonestNode {
  id: string;
  keys: SessionKeys;
  session: TwinSession;
  /** RFC 8032 §5.1.5. */
  identitySeed: Uint8Array;
  /** What came under its session's topic. */
  came: Uint8Array[];
}

export function dishonestNode(world: PaperFleet): DishonestNode {
  const pinned = readSpki(Uint8Array.from(rsa.newest));
  if (pinned === undefined) throw new Error('the RSA key is none of 2048 bits');
  const hop = { mechanism: 'curve', hopSecret: chance(32) } as const;
  const identity = { nodeId: chance(16), identitySeed: chance(32), ...hop, instance: chance(16) };
  const master = { rsa: pinned, signing: Uint8Array.from(world.keys.signingPublic) };
  const join = new TwinNodeJoin(master, identity, Uint8Array.from(world.invite()), (_, length) => chance(length));
  const sender = new PaperNode(world);
  let confirm: Uint8Array | undefined;
  let session: TwinSession | undefined;
  world.hear(join.topic, (frame) => {
    const step = join.receive(Uint8Array.from(frame));
    if (step.type === 'offer') confirm = step.confirm;
    if (step.type === 'welcome') session = step.session;
  });
  sender.send(join.hello, 'join');
  if (confirm !== undefined) sender.send(confirm, 'join');
  if (session === undefined) throw new Error('the node was not let in');
  const came: Uint8Array[] = [];
  world.hear(session.keys.topic, (frame) => came.push(Uint8Array.from(frame)));
  const id = Buffer.from(identity.nodeId).toString('hex');
  return { id, keys: session.keys, session, identitySeed: identity.identitySeed, came };
}
