// Who speaks to a master, in every state that somebody can be in.
import { randomBytes } from 'node:crypto';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import { type PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';

/** Who he is: his frame of each kind, as good as he can make it. */
export interface Party {
  node: PaperNode;
  identity: NodeIdentity;
  code?: Uint8Array;
  confirm?: Uint8Array | undefined;
  /** Names a session, his own or another's. */
  keyId: Uint8Array;
  /** Whether the session is his own, so that he can seal under it. */
  seals: boolean;
}

function joined(world: PaperFleet): Party {
  const node = new PaperNode(world);
  const hello = node.hello(world.invite());
  if (hello === undefined) throw new Error('expected an offer');
  node.send(hello.confirm, 'join');
  node.kill();
  return { node, identity: node.identity, confirm: hello.confirm, keyId: hello.confirm.subarray(4, 12), seals: true };
}

function outside(world: PaperFleet, code?: Uint8Array): Party {
  const node = new PaperNode(world);
  return { node, identity: node.identity, ...(code && { code }), keyId: randomBytes(8), seals: false };
}

export const parties = {
  stranger: (world) => outside(world, randomBytes(16)),
  invited: (world) => outside(world, world.invite()),
  pending: (world) => {
    const code = world.invite();
    const party = outside(world, code);
    const confirm = party.node.hello(code)?.confirm;
    return { ...party, confirm, keyId: confirm?.subarray(4, 12) ?? party.keyId };
  },
  removedWhilePending: (world) => {
    const party = joined(world);
    const confirm = party.node.hello()?.confirm;
    world.fleet.remove(party.node.id, 'admin');
    return { ...party, confirm };
  },
  live: joined,
  left: (world) => {
    const party = joined(world);
    party.node.say({ kind: 'leave', body: {} });
    return party;
  },
  removed: (world) => {
    const party = joined(world);
    world.fleet.remove(party.node.id, 'admin');
    world.pass(11_000);
    return party;
  },
  forgotten: (world) => {
    const party = joined(world);
    world.restart();
    return party;
  },
  impostor: (world) => {
    const victim = joined(world);
    const own = joined(world);
    const { id } = victim.identity;
    return { ...own, identity: { ...own.identity, id }, confirm: undefined, keyId: victim.keyId, seals: false };
  },
} satisfies Record<string, (world: PaperFleet) => Party>;

export type Role = keyof typeof parties;
/** Every role there is. */
export const everybody = Object.keys(parties) as Role[];
