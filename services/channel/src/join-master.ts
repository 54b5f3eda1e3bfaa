import { type KeyObject, timingSafeEqual } from 'node:crypto';
import { encodeBody } from './body.ts';
import { isZero, sameBytes } from './bytes.ts';
import { confirmParts } from './confirm.ts';
import { joinFrameMax, pendingJoinMs, pendingJoins, pendingJoinsPerNode } from './constants.ts';
import type { Entropy } from './entropy.ts';
import { bodyOf, envelopeKeyId, EnvelopeKey, envelopeSequence } from './envelope.ts';
import { Refusal, type RefusalCode } from './errors.ts';
import { agree, importMlkem, newX25519 } from './exchange.ts';
import { ExpiringMap } from './expiring-map.ts';
import { checkHeader, type KindOptions, kinds, nonceBytes } from './frame.ts';
import { parseHello, verifyHello, type Hello } from './hello.ts';
import { HelloOpener } from './hello-opener.ts';
import { expectHopProof, isHopProof } from './hop-key.ts';
import { erase, eraseJoinKeys, firstTranscript, joinKeys, secondTranscript, sha256, type JoinKeys } from './keys.ts';
import { fingerprint, masterId, type MasterKeys } from './master-keys.ts';
import { offerHead, sealOffer } from './offer.ts';
import { type Mechanism, welcomeSchema, type Welcome } from './payloads.ts';
import { sealRefusal } from './refusal.ts';
import { Session, type SessionKeys } from './session.ts';

/** Who asks to join, as its HELLO proves it. */
export interface Applicant {
  /** 16 bytes. */
  id: Uint8Array;
  /** Ed25519, 32 bytes. */
  identity: Uint8Array;
  /** 16 bytes, of the program that asks: another one with each start of it. */
  instance: Uint8Array;
  /** What the hop knows the node by (PROTOCOL.md, Mechanisms): 32 bytes. */
  hopKey: Uint8Array;
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

interface Joined {
  applicant: Applicant;
  /** To which the node has said yes. */
  session: Session;
  /** Whether HELLO came under an RSA key that is not the newest. The node has been told the newest in WELCOME. */
  olderKey: boolean;
}

export interface ConfirmReply extends JoinReply {
  /** Once a join. */
  joined?: Joined;
}

type Judge = (applicant: Applicant, nowMs: number) => RefusalCode | undefined;
/** What to welcome with; the RSA key is put to it where it has to be. */
type Enrol = (applicant: Applicant) => Omit<Welcome, 'rsa'>;

export interface JoinOptions extends KindOptions {
  /** Of the whole master, by which a hop key is proven; CURVE where it is not said. */
  mechanism?: Mechanism;
}

/** What REFUSAL to a join is made of, and where everything in it is published. */
interface Address {
  h1: Buffer;
  topic: Buffer;
  refusalKey: Buffer;
}

interface Pending {
  address: Address;
  applicant: Applicant;
  olderKey: boolean;
  /** Where it is found by the bytes of its HELLO. */
  helloHash: string;
  keyId: Buffer;
  keys: JoinKeys;
  h2: Buffer;
  /** What the hop proof of CONFIRM is held to. */
  hopProof: Buffer;
  offer: JoinReply;
}

type Asked = Pick<Pending, 'helloHash' | 'olderKey'>;

interface Answered {
  /** SHA-256 of CONFIRM: sealed in its bytes is what the node proved its hop key by. */
  confirmHash: Uint8Array;
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
  readonly #signingPrivate: KeyObject;
  readonly #newestRsa: Uint8Array;
  readonly #fingerprint: Uint8Array;
  readonly #masterId: Uint8Array;
  readonly #entropy: Entropy;
  readonly #judge: Judge;
  readonly #isLive: (keyId: Uint8Array) => boolean;
  readonly #mechanism: Mechanism;
  readonly #options: KindOptions;
  readonly #opener: HelloOpener;
  readonly #pending = new ExpiringMap<Pending>(pendingJoins, pendingJoinMs, (entry) => this.#forget(entry));
  readonly #keyIdByHello = new Map<string, string>();
  /** Key ids, the oldest first, by node id. */
  readonly #keyIdsOfNode = new Map<string, Set<string>>();
  readonly #answered = new ExpiringMap<Answered>(pendingJoins, pendingJoinMs, (entry) => eraseJoinKeys(entry.keys));

  /**
   * @param judge steps 6 of HELLO's checks: `join.identity`, `join.removed`, `join.invite…`, or undefined where the
   * applicant may join; asked at HELLO and again at CONFIRM
   * @param isLive whether a session of the caller's has this key id, 8 bytes, so that no other gets it
   * @param options of the hop, and of the sessions that come of it
   * @throws Error where the keys are not what `MasterKeys` says
   */
  constructor(
    keys: MasterKeys,
    entropy: Entropy,
    judge: Judge,
    isLive: (keyId: Uint8Array) => boolean = () => false,
    { mechanism = 'curve', ...options }: JoinOptions = {},
  ) {
    this.#signingPrivate = keys.signingPrivate;
    this.#newestRsa = Uint8Array.from(keys.rsa[0].rsaSpki);
    this.#fingerprint = fingerprint(keys.signingPublic);
    this.#masterId = masterId(keys.signingPublic);
    this.#entropy = entropy;
    this.#judge = judge;
    this.#isLive = isLive;
    this.#mechanism = mechanism;
    this.#options = options;
    this.#opener = new HelloOpener(keys.rsa, this.#fingerprint, entropy);
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
   * The same bytes, while pending, get the same reply. Draws from the entropy, in this order: 32 bytes a RSA key, for a K0 that
   * does not open; then X25519 (32), the encapsulation, the key id (8), a nonce (12); or the nonce of a REFUSAL (12).
   * @returns OFFER or REFUSAL
   * @throws Refusal `frame.*`, `join.open`, `payload.kind`, `join.version`
   */
  hello(frame: Uint8Array, nowMs: number): JoinReply {
    checkHeader(frame, onlyHello, joinFrameMax);
    this.#dropExpired(nowMs);
    const helloHash = text(sha256(undefined, frame));
    const known = this.#pending.find(this.#keyIdByHello.get(helloHash) ?? '');
    if (known) return known.offer;
    const { k0, plaintext, rsaSpki, topic, refusal } = this.#opener.open(frame);
    const address = { h1: firstTranscript(this.#fingerprint, rsaSpki, frame), topic, refusalKey: refusal };
    const asked = { helloHash, olderKey: !sameBytes(rsaSpki, this.#newestRsa) };
    try {
      const hello = parseHello(plaintext);
      return this.#answer(address, () => {
        verifyHello(frame, plaintext, hello.identity, this.#fingerprint);
        return this.#offer(hello, k0, address, asked, nowMs);
      });
    } finally {
      erase(k0);
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
    const { applicant, keyId, keys, hopProof, olderKey } = pending;
    const envelope = new EnvelopeKey(keys.confirm, keyId, 'up', applicant.id, this.#masterId);
    const provesHop = this.#judgeConfirm(envelope.open(frame), pending.h2, hopProof);
    const reply = this.#answer(pending.address, () => {
      if (!provesHop) throw new Refusal('join.key');
      this.#require(applicant, nowMs);
      const welcome = this.#sealWelcome(pending, enrol(applicant));
      return {
        topic: pending.address.topic,
        frame: welcome,
        joined: { applicant, session: this.#openSession(pending), olderKey },
      };
    });
    const { joined: _, ...again } = reply;
    this.#settle(key, pending, { confirmHash: sha256(undefined, frame), reply: again, envelope, keys }, nowMs);
    return reply;
  }

  /**
   * @param opened is erased: under PLAIN the hop proof is the node's hop secret
   * @returns whether the hop key is the node's own
   */
  #judgeConfirm(opened: Buffer, h2: Uint8Array, expected: Uint8Array): boolean {
    try {
      const said = confirmParts(bodyOf(opened, kinds.confirm));
      if (!timingSafeEqual(said.h2, h2)) throw new Refusal('join.confirm');
      return isHopProof(this.#mechanism, expected, said.hopProof);
    } finally {
      erase(opened);
    }
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
      const frame = sealRefusal(address.h1, nonce, address.refusalKey, this.#signingPrivate);
      return { topic: address.topic, frame, refused: error.code };
    }
  }

  /** Steps 5 and 6 of HELLO's checks, and OFFER. */
  #offer(hello: Hello, k0: Uint8Array, address: Address, asked: Asked, nowMs: number): JoinReply {
    if (isZero(hello.id) || isZero(hello.instance)) throw new Refusal('join.key');
    const mlkem = importMlkem(hello.mlkem);
    const x25519 = newX25519(this.#entropy);
    const agreed = agree(x25519.privateKey, hello.x25519);
    const applicant = applicantOf(hello);
    this.#require(applicant, nowMs);
    const { ciphertext, sharedSecret } = this.#entropy.encapsulate(mlkem);
    const head = offerHead(x25519.publicKey, ciphertext);
    const h2 = secondTranscript(address.h1, head);
    const hopProof = expectHopProof(this.#mechanism, applicant.hopKey, x25519.privateKey, h2);
    const keys = joinKeys(k0, agreed, sharedSecret, h2);
    erase(agreed, sharedSecret);
    const keyId = this.#newKeyId();
    const nonce = this.#entropy.bytes(nonceBytes);
    const frame = sealOffer(head, nonce, keyId, h2, keys.wrap, this.#signingPrivate);
    const offer: JoinReply = { topic: address.topic, frame };
    const hasFallen = this.#keep({ address, applicant, ...asked, keyId, keys, h2, hopProof, offer }, nowMs);
    return hasFallen ? { ...offer, dropped: 'join.busy' } : offer;
  }

  /** @returns whether an older one had to go for it */
  #keep(pending: Pending, nowMs: number): boolean {
    const keyId = text(pending.keyId);
    const node = text(pending.applicant.id);
    const [oldest] = this.#keyIdsOfNode.get(node) ?? [];
    const isNodeFull = (this.#keyIdsOfNode.get(node)?.size ?? 0) >= pendingJoinsPerNode;
    if (isNodeFull && oldest !== undefined) this.#pending.drop(oldest);
    const fallen = this.#pending.add(keyId, pending, nowMs);
    this.#keyIdByHello.set(pending.helloHash, keyId);
    this.#keyIdsOfNode.set(node, (this.#keyIdsOfNode.get(node) ?? new Set()).add(keyId));
    return isNodeFull || fallen !== undefined;
  }

  #newKeyId(): Buffer {
    for (let tries = 0; tries < 4; tries++) {
      const keyId = Buffer.from(this.#entropy.bytes(keyIdBytes));
      const used = this.#pending.find(text(keyId)) ?? this.#answered.find(text(keyId));
      if (!isZero(keyId) && !used && !this.#isLive(keyId)) return keyId;
    }
    throw new Error('entropy: gave the same key id again and again');
  }

  #sealWelcome({ applicant, keyId, keys, olderKey }: Pending, welcome: Omit<Welcome, 'rsa'>): Uint8Array {
    const envelope = new EnvelopeKey(keys.wrap, keyId, 'down', this.#masterId, applicant.id);
    const body = olderKey ? { ...welcome, rsa: this.#newestRsa } : welcome;
    return envelope.seal(kinds.welcome, 1, encodeBody(welcomeSchema, body), this.#entropy);
  }

  #openSession({ applicant, keyId, keys }: Pending): Session {
    const ends = { nodeId: applicant.id, masterId: this.#masterId };
    const { topic, up, down } = keys;
    const sessionKeys: SessionKeys = { role: 'master', keyId, topic, ...ends, up, down };
    return new Session(sessionKeys, this.#entropy, this.#options);
  }

  /** What is answered keeps the confirm key alone, to tell a second CONFIRM from a forged one. */
  #settle(key: string, pending: Pending, answered: Answered, nowMs: number): void {
    this.#pending.remove(key);
    this.#unlink(pending);
    const { wrap, up, down } = pending.keys;
    erase(wrap, up, down, pending.hopProof, pending.address.refusalKey);
    this.#answered.add(key, answered, nowMs);
  }

  #dropExpired(nowMs: number): void {
    this.#pending.dropExpired(nowMs);
    this.#answered.dropExpired(nowMs);
  }

  #forget(pending: Pending): void {
    this.#unlink(pending);
    eraseJoinKeys(pending.keys);
    erase(pending.hopProof, pending.address.refusalKey);
  }

  #unlink({ helloHash, applicant, keyId }: Pending): void {
    this.#keyIdByHello.delete(helloHash);
    const node = text(applicant.id);
    const ofNode = this.#keyIdsOfNode.get(node);
    ofNode?.delete(text(keyId));
    if (ofNode?.size === 0) this.#keyIdsOfNode.delete(node);
  }
}

function repeat({ confirmHash, reply, envelope }: Answered, frame: Uint8Array): JoinReply {
  if (sameBytes(sha256(undefined, frame), confirmHash)) return reply;
  envelopeSequence(frame, 1);
  erase(envelope.open(frame));
  throw new Refusal('sequence.replayed');
}

function applicantOf({ id, identity, instance, hopKey, inviteCode }: Hello): Applicant {
  return {
    id: Uint8Array.from(id),
    identity: Uint8Array.from(identity),
    instance: Uint8Array.from(instance),
    hopKey: Uint8Array.from(hopKey),
    inviteHash: isZero(inviteCode) ? undefined : sha256(undefined, inviteCode),
  };
}

/** Bytes as the key of a Map. */
function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
