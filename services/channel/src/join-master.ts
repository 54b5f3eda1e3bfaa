import { timingSafeEqual } from 'node:crypto';
import { encodeBody } from './body.ts';
import { isZero, sameBytes } from './bytes.ts';
import { joinFrameMax, pendingJoinMs, pendingJoins } from './constants.ts';
import type { Entropy } from './entropy.ts';
import { bodyOf, envelopeKeyId, EnvelopeKey, envelopeSequence } from './envelope.ts';
import { Refusal, type RefusalCode } from './errors.ts';
import { agree, importMlkem, newX25519 } from './exchange.ts';
import { ExpiringMap } from './expiring-map.ts';
import { FirstKeyOpener } from './first-key.ts';
import { checkHeader, kinds, nonceBytes } from './frame.ts';
import { openHello, parseHello, verifyHello, wrappedKey, type Hello } from './hello.ts';
import {
  erase,
  eraseJoinKeys,
  firstKeys,
  firstTranscript,
  joinKeys,
  secondTranscript,
  sha256,
  type JoinKeys,
} from './keys.ts';
import { fingerprint, masterId, type MasterKeys } from './master-keys.ts';
import { offerHead, sealOffer } from './offer.ts';
import { welcomeSchema, type Welcome } from './payloads.ts';
import { sealRefusal } from './refusal.ts';
import { Session } from './session.ts';

/** Who asks to join, as its HELLO proves it. */
export interface Applicant {
  /** 16 bytes. */
  id: Uint8Array;
  /** Ed25519, 32 bytes. */
  identity: Uint8Array;
  /** 32 bytes, all zero where the hop is not CURVE. */
  curveKey: Uint8Array;
  /** SHA-256 of the invite code, 32 bytes; undefined where the node sent none. */
  inviteHash: Uint8Array | undefined;
}

/** What to publish. */
export interface JoinReply {
  topic: Uint8Array;
  frame: Uint8Array;
  /** The frame is a REFUSAL, and this the reason to count. */
  refused?: RefusalCode;
  /** To count as well: this join made another one fall out. */
  dropped?: RefusalCode;
}

export interface ConfirmReply extends JoinReply {
  /** Once a join: its session, to which the node has said yes. */
  joined?: { applicant: Applicant; session: Session };
}

type Judge = (applicant: Applicant, nowMs: number) => RefusalCode | undefined;
type Enrol = (applicant: Applicant) => Welcome;

/** What REFUSAL to a join is made of, and where everything in it is published. */
interface Address {
  h1: Buffer;
  topic: Buffer;
  refusalKey: Buffer;
}

interface Pending {
  address: Address;
  applicant: Applicant;
  keyId: Buffer;
  keys: JoinKeys;
  h2: Buffer;
  offer: JoinReply;
}

interface Answered {
  confirm: Uint8Array;
  reply: JoinReply;
  envelope: EnvelopeKey;
  keys: JoinKeys;
}

const taken: ReadonlySet<number> = new Set([kinds.hello, kinds.confirm]);
const onlyHello: ReadonlySet<number> = new Set([kinds.hello]);
const onlyConfirm: ReadonlySet<number> = new Set([kinds.confirm]);
const keyIdBytes = 8;

/** The master's side of all joins (PROTOCOL.md, Joining). Nothing but what is pending here changes before CONFIRM. */
export class MasterJoins {
  readonly #keys: MasterKeys;
  readonly #fingerprint: Uint8Array;
  readonly #masterId: Uint8Array;
  readonly #entropy: Entropy;
  readonly #judge: Judge;
  readonly #isLive: (keyId: Uint8Array) => boolean;
  readonly #opener: FirstKeyOpener;
  readonly #pending = new ExpiringMap<Pending>(pendingJoins, pendingJoinMs, (entry) => this.#forget(entry));
  readonly #keyIdByHello = new Map<string, string>();
  readonly #answered = new ExpiringMap<Answered>(pendingJoins, pendingJoinMs, (entry) => eraseJoinKeys(entry.keys));

  /**
   * @param judge steps 6 of HELLO's checks: `join.identity`, `join.removed`, `join.invite…`, or undefined where the
   * applicant may join; asked at HELLO and again at CONFIRM
   * @param isLive whether a session of the caller's has this key id, 8 bytes, so that no other gets it
   * @throws Error where the keys are not what `MasterKeys` says
   */
  constructor(keys: MasterKeys, entropy: Entropy, judge: Judge, isLive: (keyId: Uint8Array) => boolean = () => false) {
    this.#keys = keys;
    this.#fingerprint = fingerprint(keys.signingPublic);
    this.#masterId = masterId(keys.signingPublic);
    this.#entropy = entropy;
    this.#judge = judge;
    this.#isLive = isLive;
    this.#opener = new FirstKeyOpener(keys, entropy);
  }

  /** Joins that were offered and not yet confirmed. */
  get pending(): number {
    return this.#pending.size;
  }

  /**
   * Takes what came to the join port.
   * @param nowMs of any clock that does not go back
   * @throws Refusal where nothing is answered; then nothing has changed
   */
  receive(frame: Uint8Array, nowMs: number, enrol: Enrol): ConfirmReply {
    const kind = checkHeader(frame, taken, joinFrameMax);
    return kind === kinds.hello ? this.hello(frame, nowMs) : this.confirm(frame, nowMs, enrol);
  }

  /**
   * The same bytes, while pending, get the same reply. Draws from the entropy, in this order: 32 bytes for a K0 that does not
   * open; then X25519 (32), the encapsulation, the key id (8), a nonce (12); or the nonce of a REFUSAL (12).
   * @returns OFFER or REFUSAL
   * @throws Refusal `frame.*`, `join.open`, `payload.kind`, `join.version`
   */
  hello(frame: Uint8Array, nowMs: number): JoinReply {
    checkHeader(frame, onlyHello, joinFrameMax);
    this.#dropExpired(nowMs);
    const h1 = firstTranscript(this.#fingerprint, this.#keys.rsaSpki, frame);
    const known = this.#pending.find(this.#keyIdByHello.get(text(h1)) ?? '');
    if (known) return known.offer;
    const k0 = this.#opener.open(wrappedKey(frame));
    const first = firstKeys(k0, this.#fingerprint);
    const address = { h1, topic: first.topic, refusalKey: first.refusal };
    try {
      const plaintext = openHello(frame, first.hello);
      const hello = parseHello(plaintext);
      return this.#answer(address, () => {
        verifyHello(frame, plaintext, hello.identity, this.#fingerprint);
        return this.#offer(hello, k0, address, nowMs);
      });
    } finally {
      erase(k0, first.hello);
    }
  }

  /**
   * The same bytes within `pendingJoinMs` get the same reply, without `joined`.
   * @param enrol is called once, when all is proven: spends the invite, writes the roster, and says what to welcome with.
   * Where it throws a Refusal, that is answered with REFUSAL; another error is thrown on, and the join stays pending
   * @returns WELCOME or REFUSAL
   * @throws Refusal `frame.*`, `key.unknown`, `sequence.limit`, `seal.open`, `sequence.replayed`, `payload.kind`,
   * `join.confirm`
   */
  confirm(frame: Uint8Array, nowMs: number, enrol: Enrol): ConfirmReply {
    checkHeader(frame, onlyConfirm, joinFrameMax);
    this.#dropExpired(nowMs);
    const key = text(envelopeKeyId(frame));
    const answered = this.#answered.find(key);
    if (answered) return repeat(answered, frame);
    const pending = this.#pending.find(key);
    if (!pending) throw new Refusal('key.unknown');
    envelopeSequence(frame, 1);
    const { applicant, keyId, keys } = pending;
    const envelope = new EnvelopeKey(keys.confirm, keyId, 'up', applicant.id, this.#masterId);
    const h2 = bodyOf(envelope.open(frame), kinds.confirm);
    if (!timingSafeEqual(h2, pending.h2)) throw new Refusal('join.confirm');
    const reply = this.#answer(pending.address, () => {
      this.#require(applicant, nowMs);
      const welcome = this.#sealWelcome(pending, enrol(applicant));
      return {
        topic: pending.address.topic,
        frame: welcome,
        joined: { applicant, session: this.#openSession(pending) },
      };
    });
    const { joined: _, ...again } = reply;
    this.#settle(key, pending, { confirm: Uint8Array.from(frame), reply: again, envelope, keys }, nowMs);
    return reply;
  }

  #require(applicant: Applicant, nowMs: number): void {
    const code = this.#judge(applicant, nowMs);
    if (code !== undefined) throw new Refusal(code);
  }

  /** From here on a Refusal is answered by REFUSAL, the same for each reason. */
  #answer(address: Address, make: () => ConfirmReply): ConfirmReply {
    try {
      return make();
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      const nonce = this.#entropy.bytes(nonceBytes);
      const frame = sealRefusal(address.h1, nonce, address.refusalKey, this.#keys.signingPrivate);
      return { topic: address.topic, frame, refused: error.code };
    }
  }

  /** Steps 5 and 6 of HELLO's checks, and OFFER. */
  #offer(hello: Hello, k0: Uint8Array, address: Address, nowMs: number): JoinReply {
    if (isZero(hello.id)) throw new Refusal('join.key');
    const mlkem = importMlkem(hello.mlkem);
    const x25519 = newX25519(this.#entropy);
    const agreed = agree(x25519.privateKey, hello.x25519);
    const applicant = applicantOf(hello);
    this.#require(applicant, nowMs);
    const { ciphertext, sharedSecret } = this.#entropy.encapsulate(mlkem);
    const head = offerHead(x25519.publicKey, ciphertext);
    const h2 = secondTranscript(address.h1, head);
    const keys = joinKeys(k0, agreed, sharedSecret, h2);
    erase(agreed, sharedSecret);
    const keyId = this.#newKeyId();
    const nonce = this.#entropy.bytes(nonceBytes);
    const frame = sealOffer(head, nonce, keyId, h2, keys.wrap, this.#keys.signingPrivate);
    const offer: JoinReply = { topic: address.topic, frame };
    const fallen = this.#pending.add(text(keyId), { address, applicant, keyId, keys, h2, offer }, nowMs);
    this.#keyIdByHello.set(text(address.h1), text(keyId));
    return fallen ? { ...offer, dropped: 'join.busy' } : offer;
  }

  #newKeyId(): Buffer {
    for (let tries = 0; tries < 4; tries++) {
      const keyId = Buffer.from(this.#entropy.bytes(keyIdBytes));
      const used = this.#pending.find(text(keyId)) ?? this.#answered.find(text(keyId));
      if (!isZero(keyId) && !used && !this.#isLive(keyId)) return keyId;
    }
    throw new Error('entropy: gave the same key id again and again');
  }

  #sealWelcome({ applicant, keyId, keys }: Pending, welcome: Welcome): Uint8Array {
    const envelope = new EnvelopeKey(keys.wrap, keyId, 'down', this.#masterId, applicant.id);
    return envelope.seal(kinds.welcome, 1, encodeBody(welcomeSchema, welcome), this.#entropy);
  }

  #openSession({ applicant, keyId, keys }: Pending): Session {
    const ends = { nodeId: applicant.id, masterId: this.#masterId };
    const { topic, up, down } = keys;
    return new Session({ role: 'master', keyId, topic, ...ends, up, down }, this.#entropy);
  }

  /** What is answered keeps the confirm key alone, to tell a second CONFIRM from a forged one. */
  #settle(key: string, pending: Pending, answered: Answered, nowMs: number): void {
    this.#pending.remove(key);
    this.#keyIdByHello.delete(text(pending.address.h1));
    const { wrap, up, down } = pending.keys;
    erase(wrap, up, down, pending.address.refusalKey);
    this.#answered.add(key, answered, nowMs);
  }

  #dropExpired(nowMs: number): void {
    this.#pending.dropExpired(nowMs);
    this.#answered.dropExpired(nowMs);
  }

  #forget({ address, keys }: Pending): void {
    this.#keyIdByHello.delete(text(address.h1));
    eraseJoinKeys(keys);
    erase(address.refusalKey);
  }
}

function repeat({ confirm, reply, envelope }: Answered, frame: Uint8Array): JoinReply {
  if (sameBytes(frame, confirm)) return reply;
  envelopeSequence(frame, 1);
  envelope.open(frame);
  throw new Refusal('sequence.replayed');
}

function applicantOf({ id, identity, curveKey, inviteCode }: Hello): Applicant {
  return {
    id: Uint8Array.from(id),
    identity: Uint8Array.from(identity),
    curveKey: Uint8Array.from(curveKey),
    inviteHash: isZero(inviteCode) ? undefined : sha256(undefined, inviteCode),
  };
}

/** Bytes as the key of a Map. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
