import { createPublicKey, type KeyObject } from 'node:crypto';
import { decodeBody } from './body.ts';
import { exactly, isZero, sameBytes } from './bytes.ts';
import { confirmBody } from './confirm.ts';
import { joinFrameMax } from './constants.ts';
import type { Entropy } from './entropy.ts';
import { bodyOf, envelopeKeyId, EnvelopeKey, envelopeSequence } from './envelope.ts';
import { Refusal } from './errors.ts';
import { agree, newMlkem, newX25519, openMlkem, type Ephemeral } from './exchange.ts';
import { checkHeader, type KindOptions, kinds, nonceBytes } from './frame.ts';
import { sealHello } from './hello.ts';
import { proveHop } from './hop-key.ts';
import { idBytes, instanceBytes } from './ids.ts';
import { isTransportKey } from './invite.ts';
import { erase, eraseJoinKeys, firstKeys, firstTranscript, joinKeys, secondTranscript, type JoinKeys } from './keys.ts';
import { fingerprint, masterId } from './master-keys.ts';
import type { NodeIdentity } from './node-identity.ts';
import { offerParts, openOffer } from './offer.ts';
import { welcomeSchema, type Welcome } from './payloads.ts';
import { openRefusal } from './refusal.ts';
import { Session, type SessionKeys } from './session.ts';

/** The master as the invite pins it. */
export interface PinnedMaster {
  /** SubjectPublicKeyInfo, DER. */
  rsa: Uint8Array;
  /** Ed25519, 32 bytes. */
  signing: Uint8Array;
}

export type JoinStep =
  | { type: 'offer'; confirm: Uint8Array }
  | { type: 'welcome'; session: Session; welcome: Welcome }
  | { type: 'refused' };

const taken: ReadonlySet<number> = new Set([kinds.offer, kinds.welcome, kinds.refusal]);
const codeBytes = 16;

/** What waits for OFFER. */
interface Greeting {
  k0: Uint8Array;
  x25519: Ephemeral;
  mlkem: Ephemeral;
}

/** What waits for WELCOME. */
interface Confirming {
  offer: Uint8Array;
  confirm: Uint8Array;
  keyId: Uint8Array;
  keys: JoinKeys;
}

/**
 * One join of a node (PROTOCOL.md, Joining). Send `hello` to the master's join port once `topic` is subscribed, give
 * what comes under the topic to `receive`, and erase it in the end. Waiting and repeating are the caller's.
 */
export class NodeJoin {
  /** 16 bytes. */
  readonly topic: Uint8Array;
  /** The frame to send; to repeat is to send it again. */
  readonly hello: Uint8Array;
  readonly #master: PinnedMaster;
  readonly #identity: NodeIdentity;
  readonly #entropy: Entropy;
  readonly #options: KindOptions;
  readonly #refusalKey: Uint8Array;
  readonly #h1: Uint8Array;
  #greeting: Greeting | undefined;
  #confirming: Confirming | undefined;

  /**
   * Draws from the entropy, in this order: K0 (32 bytes) and its wrapping, random (32), X25519 (32), ML-KEM seed (64), nonce
   * (12); and the nonce of CONFIRM (12) when OFFER comes.
   * @param inviteCode 16 bytes, not all zero; undefined for a node that has joined before
   * @param options of the session that comes of it
   * @throws Error where a key or a length is wrong
   */
  constructor(
    master: PinnedMaster,
    identity: NodeIdentity,
    inviteCode: Uint8Array | undefined,
    entropy: Entropy,
    options: KindOptions = {},
  ) {
    if (inviteCode && isZero(inviteCode)) throw new Error('invite code: expected one that is not all zero');
    const rsa = createPublicKey({ key: Buffer.from(master.rsa), format: 'der', type: 'spki' });
    const print = fingerprint(exactly(32, master.signing, 'signing key'));
    const k0 = entropy.bytes(32);
    const wrapped = entropy.wrapKey(rsa, k0);
    const random = entropy.bytes(32);
    const x25519 = newX25519(entropy);
    const mlkem = newMlkem(entropy);
    const first = firstKeys(k0, print);
    const content = {
      version: 1,
      id: exactly(idBytes, identity.id, 'node id'),
      identity: exactly(32, identity.publicKey, 'identity'),
      instance: exactly(instanceBytes, identity.instance, 'instance'),
      random,
      x25519: x25519.publicKey,
      mlkem: mlkem.publicKey,
      hopKey: exactly(32, identity.hopKey, 'hop key'),
      inviteCode: exactly(codeBytes, inviteCode ?? new Uint8Array(codeBytes), 'invite code'),
    };
    this.hello = sealHello(content, wrapped, entropy.bytes(nonceBytes), first.hello, print, identity.privateKey);
    this.topic = first.topic;
    this.#master = master;
    this.#identity = identity;
    this.#entropy = entropy;
    this.#options = options;
    this.#refusalKey = first.refusal;
    this.#h1 = firstTranscript(print, master.rsa, this.hello);
    this.#greeting = { k0, x25519, mlkem };
    erase(first.hello);
  }

  /**
   * Takes a frame that came under the join topic. The same OFFER again gives the same CONFIRM again. After `welcome` and
   * `refused` the join is over and erased, and the session lives on.
   * @throws Refusal, after which the join is as it was: `frame.*`, `key.unknown` (where nothing waits for the frame),
   * `join.key`, `sequence.limit`, `seal.open`, `payload.*`, `signature.offer`, `signature.refusal`
   */
  receive(frame: Uint8Array): JoinStep {
    const kind = checkHeader(frame, taken, joinFrameMax);
    if (kind === kinds.offer) return { type: 'offer', confirm: this.#takeOffer(frame) };
    if (kind === kinds.welcome) return this.#takeWelcome(frame);
    return this.#takeRefusal(frame);
  }

  #takeOffer(frame: Uint8Array): Uint8Array {
    if (this.#confirming && sameBytes(frame, this.#confirming.offer)) return this.#confirming.confirm;
    if (!this.#greeting) throw new Refusal('key.unknown');
    const { head, x25519, mlkem } = offerParts(frame);
    const agreed = agree(this.#greeting.x25519.privateKey, x25519);
    const { keys, h2 } = this.#deriveKeys(this.#greeting.k0, agreed, this.#greeting.mlkem.privateKey, mlkem, head);
    try {
      const keyId = openOffer(frame, h2, keys.wrap, this.#master.signing);
      this.#confirming = {
        offer: Uint8Array.from(frame),
        confirm: this.#makeConfirm(keys.confirm, keyId, x25519, h2),
        keyId,
        keys,
      };
    } catch (error) {
      eraseJoinKeys(keys);
      throw error;
    }
    erase(this.#greeting.k0);
    this.#greeting = undefined;
    return this.#confirming.confirm;
  }

  #deriveKeys(k0: Uint8Array, agreed: Uint8Array, mlkem: KeyObject, ciphertext: Uint8Array, head: Uint8Array) {
    const shared = openMlkem(mlkem, ciphertext);
    const h2 = secondTranscript(this.#h1, head);
    const keys = joinKeys(k0, agreed, shared, h2);
    erase(agreed, shared);
    return { keys, h2 };
  }

  #makeConfirm(key: Uint8Array, keyId: Uint8Array, offered: Uint8Array, h2: Uint8Array): Uint8Array {
    const envelope = new EnvelopeKey(key, keyId, 'up', this.#identity.id, masterId(this.#master.signing));
    const proof = proveHop(this.#identity.hopSecret, offered, h2);
    const body = confirmBody(h2, proof);
    const confirm = envelope.seal(kinds.confirm, 1, body, this.#entropy);
    erase(proof, body);
    return confirm;
  }

  #takeWelcome(frame: Uint8Array): JoinStep {
    const waiting = this.#confirming;
    if (!waiting || !sameBytes(envelopeKeyId(frame), waiting.keyId)) throw new Refusal('key.unknown');
    envelopeSequence(frame, 1);
    const master = masterId(this.#master.signing);
    const envelope = new EnvelopeKey(waiting.keys.wrap, waiting.keyId, 'down', master, this.#identity.id);
    const welcome = decodeBody(welcomeSchema, bodyOf(envelope.open(frame), kinds.welcome));
    if (welcome.rsa && !isTransportKey(welcome.rsa)) throw new Refusal('payload.schema');
    const { up, down, topic } = waiting.keys;
    const ends = { nodeId: this.#identity.id, masterId: master };
    const keys: SessionKeys = { role: 'node', keyId: waiting.keyId, topic, ...ends, up, down };
    const session = new Session(keys, this.#entropy, this.#options);
    this.erase();
    return { type: 'welcome', session, welcome };
  }

  #takeRefusal(frame: Uint8Array): JoinStep {
    if (!this.#greeting && !this.#confirming) throw new Refusal('key.unknown');
    openRefusal(frame, this.#h1, this.#refusalKey, this.#master.signing);
    this.erase();
    return { type: 'refused' };
  }

  /** Zeroes the keys and drops the ephemerals. From now on `receive` refuses with `key.unknown`. */
  erase(): void {
    if (this.#greeting) erase(this.#greeting.k0);
    if (this.#confirming) eraseJoinKeys(this.#confirming.keys);
    erase(this.#refusalKey);
    this.#greeting = undefined;
    this.#confirming = undefined;
  }
}
