// What is judged by the vectors. The channel and its twin are both a Subject, so that each vector is met by both.
import type { Body, schemas } from '../twin/schemas.ts';
import type { Mechanism } from '../twin/hop-key.ts';
import type { Roster } from '../twin/roster.ts';
import type { Value } from '../twin/cbor.ts';

export type SchemaName = Exclude<keyof typeof schemas, 'invite' | 'hop'>;

export interface SessionSubject {
  readonly topic: Uint8Array;
  /** @param kind in capitals, as PROTOCOL.md has it */
  seal(kind: string, body: Body | Uint8Array): Uint8Array;
  open(frame: Uint8Array): { kind: string; body: unknown };
}

export interface ReaderSubject {
  set(epoch: number, key: Uint8Array, head: number): void;
  advance(epoch: number, key: Uint8Array, head: number, nowMs: number): void;
  open(topic: Uint8Array, frame: Uint8Array, nowMs: number): { number: number; command: unknown };
}

export interface NodeSecrets {
  rsaPublicKeySpki: Uint8Array;
  signingPublicKey: Uint8Array;
  nodeId: Uint8Array;
  identitySeed: Uint8Array;
  mechanism: Mechanism;
  /** all zero where the mechanism is NULL */
  hopSecret: Uint8Array;
  /** drawn at the start of its program */
  instance: Uint8Array;
  /** all zero where there is none */
  inviteCode: Uint8Array;
}

/** What a node draws in a join. */
export interface NodeDraws {
  K0: Uint8Array;
  oaepSeed: Uint8Array;
  random: Uint8Array;
  x25519Private: Uint8Array;
  mlkemSeed: Uint8Array;
  nonce: Uint8Array;
  confirmNonce: Uint8Array;
}

type NodeStepSubject =
  | { type: 'offer'; confirm: Uint8Array }
  | { type: 'welcome'; session: SessionSubject; welcome: unknown }
  | { type: 'refused' };

export interface NodeSubject {
  readonly hello: Uint8Array;
  readonly topic: Uint8Array;
  receive(frame: Uint8Array): NodeStepSubject;
}

export interface MasterSecretKeys {
  rsaPrivateKeyPkcs8: Uint8Array;
  rsaPublicKeySpki: Uint8Array;
  /** what the master had before, where it has it still */
  older?: { rsaPrivateKeyPkcs8: Uint8Array; rsaPublicKeySpki: Uint8Array };
  signingSeed: Uint8Array;
  signingPublicKey: Uint8Array;
  mechanism: Mechanism;
}

/** What a master draws in a join. A REFUSAL takes the nonce of what would have been sealed instead. */
export interface MasterDraws {
  x25519Private: Uint8Array;
  mlkemRandomness: Uint8Array;
  keyId: Uint8Array;
  offerNonce: Uint8Array;
  welcomeNonce: Uint8Array;
}

export interface ReplySubject {
  topic: Uint8Array;
  frame: Uint8Array;
  refused?: string | undefined;
  session?: SessionSubject | undefined;
}

export interface MasterSubject {
  hello(frame: Uint8Array): ReplySubject;
  confirm(frame: Uint8Array, welcome: Body): ReplySubject;
  /** how many joins wait for CONFIRM */
  readonly pending: number;
}

export interface SessionSecrets {
  keyId: Uint8Array;
  up: Uint8Array;
  down: Uint8Array;
  topic: Uint8Array;
  nodeId: Uint8Array;
  masterId: Uint8Array;
}

export interface Subject {
  readonly name: string;
  encodeCbor(value: Value): Uint8Array;
  decodeCbor(bytes: Uint8Array): unknown;
  decodeBody(schema: SchemaName, bytes: Uint8Array): unknown;
  formatInvite(fields: Body): string;
  parseInvite(line: string): unknown;
  formatHop(fields: Body): string;
  parseHop(line: string): unknown;
  toZ85(bytes: Uint8Array): string;
  fromZ85(text: string): Uint8Array;
  masterFingerprint(signingPublicKey: Uint8Array): Uint8Array;
  masterId(signingPublicKey: Uint8Array): Uint8Array;
  /** from K0: hello, refusal, joinTopic */
  firstKeys(fingerprint: Uint8Array, K0: Uint8Array): Record<'hello' | 'refusal' | 'joinTopic', Uint8Array>;
  h1(fingerprint: Uint8Array, rsaSpki: Uint8Array, hello: Uint8Array): Uint8Array;
  h2(h1: Uint8Array, offer: Uint8Array): Uint8Array;
  /** under CURVE, from X25519 of the hop key and OFFER's ephemeral key */
  hopProof(h2: Uint8Array, shared: Uint8Array): Uint8Array;
  joinKeys(
    h2: Uint8Array,
    K0: Uint8Array,
    x25519: Uint8Array,
    mlkem: Uint8Array,
  ): Record<'wrap' | 'confirm' | 'up' | 'down' | 'topic', Uint8Array>;
  epochKeys(key: Uint8Array): Record<'broadcast' | 'epochId' | 'epochTopic', Uint8Array>;
  /** @returns whether the sequence was taken */
  replayWindow(): (sequence: number) => boolean;
  /** @param nonces that sealing draws, in this order */
  session(end: 'node' | 'master', secrets: SessionSecrets, nonces: Uint8Array[], other?: boolean): SessionSubject;
  /** @returns whether a message at that time is allowed */
  allowance(nowMs: number): (nowMs: number) => boolean;
  makeRotate(fingerprint: Uint8Array, nodeId: Uint8Array, oldSeed: Uint8Array, newSeed: Uint8Array): unknown;
  /** @returns whether the identity is another one than that of the roster */
  checkRotate(
    fingerprint: Uint8Array,
    node: { nodeId: Uint8Array; identity: Uint8Array },
    rotate: Record<'identity' | 'old' | 'new', Uint8Array>,
  ): boolean;
  reader(signingPublicKey: Uint8Array): ReaderSubject;
  broadcasts(
    master: MasterSecretKeys,
    epoch: { epoch: number; key: Uint8Array },
    nonces: Uint8Array[],
  ): (number: number, command: Body) => { topic: Uint8Array; frame: Uint8Array };
  node(secrets: NodeSecrets, draws: NodeDraws): NodeSubject;
  master(secrets: MasterSecretKeys, roster: Roster, draws: MasterDraws): MasterSubject;
  /** the error code, or undefined where this is none of the subject's refusals */
  codeOf(error: unknown): string | undefined;
}

/** The code with which `act` is refused, 'taken' where it is not; other errors are thrown on. */
export function verdictOf(subject: Subject, act: () => unknown): string {
  try {
    act();
    return 'taken';
  } catch (error) {
    const code = subject.codeOf(error);
    if (code === undefined) throw error;
    return code;
  }
}
