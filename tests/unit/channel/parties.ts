import { createHash } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import type { RefusalCode } from '@sealcast/channel/errors';
import { Refusal } from '@sealcast/channel/errors';
import { MasterJoins, type Applicant } from '@sealcast/channel/join-master';
import { NodeJoin, type PinnedMaster } from '@sealcast/channel/join-node';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import { newIdentitySecrets, nodeIdentity, type NodeIdentity } from '@sealcast/channel/node-identity';
import type { Command, Sample, Welcome } from '@sealcast/channel/payloads';
import type { Session } from '@sealcast/channel/session';

/** One master for the tests of a file: making its RSA key is slow. */
export const masterKeys = newMasterKeys();

export const pinned: PinnedMaster = { rsa: masterKeys.rsa[0].rsaSpki, signing: masterKeys.signingPublic };

export const welcome: Welcome = {
  epoch: 1,
  key: new Uint8Array(32).fill(0xe1),
  head: 0,
  through: 0,
  time: 1_790_000_000_000,
  interval: 5,
};

export const sample: Sample = {
  number: 1,
  at: 1_790_000_000_000,
  uptime: 86_400,
  cpu: 12.5,
  cores: [25, 0],
  load: [0.5, 0.25, 0.1],
  memory: { total: 8_000_000_000, available: 4_000_000_000 },
  swap: { total: 0, free: 0 },
  disks: [{ mount: '/', device: 'mmcblk0p2', type: 'ext4', total: 32_000_000_000, free: 20_000_000_000 }],
  io: [{ device: 'mmcblk0', read: 0, written: 1024.5, busy: 1.5 }],
  interfaces: [{ name: 'eth0', received: 1000, sent: 250.25 }],
  temperatures: [{ name: 'cpu', celsius: 48.3 }],
};

export function commandTo(target: Uint8Array, text = 'hello'): Command {
  return { id: systemEntropy.bytes(16), target, issued: 1, expires: 2, action: { type: 'text', text } };
}

export function newNode(): NodeIdentity {
  const hopSecret = { mechanism: 'curve', secret: systemEntropy.bytes(32) } as const;
  return nodeIdentity(newIdentitySecrets(systemEntropy), hopSecret, systemEntropy.bytes(16));
}

/** A roster and invites as the master's store keeps them, in memory. */
export class Doorbook {
  readonly roster = new Map<string, string>();
  readonly open = new Set<string>();
  readonly spent = new Set<string>();
  readonly removed = new Set<string>();
  enrolled = 0;
  judged = 0;

  invite(): Uint8Array {
    const code = systemEntropy.bytes(16);
    this.open.add(createHash('sha256').update(code).digest('hex'));
    return code;
  }

  judge = (applicant: Applicant): RefusalCode | undefined => {
    this.judged++;
    const id = hex(applicant.id);
    const identity = hex(applicant.identity);
    if (this.removed.has(id)) return 'join.removed';
    if (this.roster.has(id)) return this.roster.get(id) === identity ? undefined : 'join.identity';
    const invite = applicant.inviteHash && hex(applicant.inviteHash);
    if (invite === undefined) return 'join.invite';
    if (this.spent.has(invite)) return 'join.invite-spent';
    if (!this.open.has(invite)) return 'join.invite';
    return [...this.roster.values()].includes(identity) ? 'join.identity' : undefined;
  };

  enrol = (applicant: Applicant): Welcome => {
    this.enrolled++;
    this.roster.set(hex(applicant.id), hex(applicant.identity));
    if (applicant.inviteHash) this.spent.add(hex(applicant.inviteHash));
    return welcome;
  };
}

export interface Door {
  book: Doorbook;
  joins: MasterJoins;
}

export function newDoor(): Door {
  const book = new Doorbook();
  return { book, joins: new MasterJoins(masterKeys, systemEntropy, book.judge) };
}

export interface Joined {
  node: Session;
  master: Session;
  identity: NodeIdentity;
}

/** A whole join, up to two live sessions. */
export function joinFully(door: Door, identity = newNode(), code?: Uint8Array): Joined {
  const node = new NodeJoin(pinned, identity, code ?? door.book.invite(), systemEntropy);
  const step = offered(node, door.joins.hello(node.hello, 0).frame);
  const reply = door.joins.confirm(step, 0, door.book.enrol);
  const last = node.receive(reply.frame);
  if (last.type !== 'welcome' || !reply.joined) throw new Error(`expected a welcome, got ${last.type}`);
  return { node: last.session, master: reply.joined.session, identity };
}

/** @returns the CONFIRM that the node answers an OFFER with */
export function offered(node: NodeJoin, offer: Uint8Array): Uint8Array {
  const step = node.receive(offer);
  if (step.type !== 'offer') throw new Error(`expected an offer, got ${step.type}`);
  return step.confirm;
}

/** @returns the code that the call is refused with; another error is thrown on, and no error is one too */
export function refusalOf(call: () => unknown): RefusalCode {
  try {
    call();
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
  throw new Error('expected a refusal, and nothing was refused');
}

/** The frame with every bit of one byte turned over. */
export function flipped(frame: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(frame);
  copy[at] = (copy[at] ?? 0) ^ 0xff;
  return copy;
}

/** Each code that some flipped byte is refused with; every one of them must be refused. */
export function refusalsOfEveryByte(frame: Uint8Array, receive: (frame: Uint8Array) => unknown): Set<RefusalCode> {
  return new Set(Array.from(frame, (_, at) => refusalOf(() => receive(flipped(frame, at)))));
}

export function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}

export function fromHex(digits: string): Uint8Array {
  return Uint8Array.from(Buffer.from(digits, 'hex'));
}
