import type { KeyObject } from 'node:crypto';
import { decodeBody, encodeBody } from './body.ts';
import { exactly, sameBytes } from './bytes.ts';
import { askMax, dataFrameMax, overlapMs, sessionMaxMessages } from './constants.ts';
import type { Entropy } from './entropy.ts';
import { bodyOf, envelopeKeyId, EnvelopeKey, envelopeSequence, metadataBytes, writeU64 } from './envelope.ts';
import { Refusal } from './errors.ts';
import { checkHeader, kinds } from './frame.ts';
import { everyone } from './ids.ts';
import { epochKeys, erase } from './keys.ts';
import { masterId, type MasterKeys } from './master-keys.ts';
import { commandSchema, type Command } from './payloads.ts';
import { ReplayWindow } from './replay-window.ts';
import { signatureBytes, signParts, verifyParts } from './signature.ts';

// PROTOCOL.md, Broadcasts and epochs. The body of BROADCAST:
//
//     0   64  Ed25519 signature by the master over
//             "sealcast/1 broadcast" ‖ 0x00 ‖ metadata (32) ‖ epoch (8) ‖ CBOR command
//     64  n   CBOR command

const onlyBroadcast: ReadonlySet<number> = new Set([kinds.broadcast]);

/** An epoch: its number, its key, and what comes of that. */
export class EpochKey {
  readonly epoch: number;
  /** 32 bytes, this object's own. */
  readonly key: Uint8Array;
  /** 8 bytes. */
  readonly keyId: Uint8Array;
  /** 16 bytes. */
  readonly topic: Uint8Array;
  readonly #broadcast: Uint8Array;

  /** @throws Error where the number is not 1 to 2⁵³−1, or the key not 32 bytes */
  constructor(epoch: number, key: Uint8Array) {
    if (!Number.isSafeInteger(epoch) || epoch < 1) throw new Error(`epoch: expected 1 to 2⁵³−1, got ${epoch}`);
    this.epoch = epoch;
    this.key = Uint8Array.from(exactly(32, key, 'epoch key'));
    const { broadcast, keyId, topic } = epochKeys(this.key);
    this.#broadcast = broadcast;
    this.keyId = keyId;
    this.topic = topic;
  }

  /** Seals and opens this epoch's BROADCAST of that master. */
  envelope(master: Uint8Array): EnvelopeKey {
    return new EnvelopeKey(this.#broadcast, this.keyId, 'group', master, everyone, this.epoch);
  }

  /** What the signature covers behind the metadata. */
  number(): Uint8Array {
    const number = Buffer.alloc(8);
    writeU64(number, 0, this.epoch);
    return number;
  }

  erase(): void {
    erase(this.key, this.#broadcast);
  }
}

/** The master's side: seals each broadcast once, whatever the number of nodes. */
export class Broadcaster {
  readonly #signingPrivate: KeyObject;
  readonly #masterId: Uint8Array;
  readonly #entropy: Entropy;
  #current: EpochKey | undefined;
  #sealed = 0;
  #last = 0;

  constructor(keys: Pick<MasterKeys, 'signingPrivate' | 'signingPublic'>, entropy: Entropy) {
    this.#signingPrivate = keys.signingPrivate;
    this.#masterId = masterId(keys.signingPublic);
    this.#entropy = entropy;
  }

  /** How many broadcasts the epoch has sealed: at `rekeyAfterMessages` it is time to begin the next one. */
  get sealed(): number {
    return this.#sealed;
  }

  /**
   * Begins an epoch, and ends the one before.
   * @param key 32 random bytes
   * @throws Error where the number is not above the one before
   */
  begin(epoch: number, key: Uint8Array): void {
    const last = this.#current?.epoch ?? 0;
    if (epoch <= last) throw new Error(`epoch: expected one above ${last}, got ${epoch}`);
    const next = new EpochKey(epoch, key);
    this.#current?.erase();
    this.#current = next;
    this.#sealed = 0;
  }

  /**
   * @param number the broadcast number, above every one before
   * @param command its target is everyone
   * @throws Error where that is not so, before `begin`, after `sessionMaxMessages` in one epoch, above the frame's limit
   */
  seal(number: number, command: Command): { topic: Uint8Array; frame: Uint8Array } {
    const epoch = this.#current;
    if (!epoch) throw new Error('broadcast: no epoch has begun');
    if (!Number.isSafeInteger(number) || number <= this.#last) {
      throw new Error(`broadcast: expected a number above ${this.#last}, got ${number}`);
    }
    if (!sameBytes(command.target, everyone)) throw new Error('broadcast: expected everyone as the target');
    if (this.#sealed >= sessionMaxMessages) throw new Error(`broadcast: the epoch has sealed ${sessionMaxMessages}`);
    const envelope = epoch.envelope(this.#masterId);
    const encoded = encodeBody(commandSchema, command);
    const metadata = envelope.metadata(kinds.broadcast, number, this.#entropy);
    const signature = signParts(this.#signingPrivate, 'broadcast', metadata, epoch.number(), encoded);
    const frame = envelope.sealUnder(metadata, Buffer.concat([signature, encoded]));
    this.#sealed++;
    this.#last = number;
    return { topic: epoch.topic, frame };
  }
}

/** A node's side. Opens what is of the current epoch, or of one that ended less than `overlapMs` ago. */
export class BroadcastReader {
  readonly #signing: Uint8Array;
  readonly #masterId: Uint8Array;
  readonly #window = new ReplayWindow();
  #current: EpochKey | undefined;
  #ended: { key: EpochKey; until: number }[] = [];
  /** Up to here nothing is asked for any more. */
  #settled = 0;
  #head = 0;

  /** @param signingPublic the master's, as the invite pins it: Ed25519, 32 bytes */
  constructor(signingPublic: Uint8Array) {
    this.#signing = exactly(32, signingPublic, 'signing key');
    this.#masterId = masterId(signingPublic);
  }

  /** The current epoch, 0 before the first WELCOME. */
  get epoch(): number {
    return this.#current?.epoch ?? 0;
  }

  /** The last broadcast number known to be given. */
  get head(): number {
    return this.#head;
  }

  /**
   * What WELCOME says. Another epoch than the current one takes its place at once, whatever its number. What was missed up to
   * the head comes without being asked for.
   */
  set(epoch: number, key: Uint8Array, head: number): void {
    if (this.#current?.epoch !== epoch || !sameBytes(this.#current.key, key)) {
      const next = new EpochKey(epoch, key);
      this.erase();
      this.#current = next;
    }
    this.#settled = Math.max(this.#settled, head);
    this.#note(head);
  }

  /**
   * What EPOCH says. The epoch before stays open for `overlapMs`.
   * @throws Refusal `epoch.rollback`, where the number is not above the current one
   */
  advance(epoch: number, key: Uint8Array, head: number, nowMs: number): void {
    if (epoch <= this.epoch) throw new Refusal('epoch.rollback');
    const next = new EpochKey(epoch, key);
    this.#dropEnded(nowMs);
    if (this.#current) this.#ended.push({ key: this.#current, until: nowMs + overlapMs });
    this.#current = next;
    this.#note(head);
  }

  /**
   * Opens a BROADCAST (PROTOCOL.md, Opening one, where step 6 comes before 5).
   * @param topic what it came under
   * @throws Refusal `frame.*`, `key.unknown` (also where the topic is not that of the key), `sequence.limit`, `seal.open`,
   * `payload.kind`, `signature.broadcast`, `sequence.replayed`, `payload.*`, `command.target`
   */
  open(topic: Uint8Array, frame: Uint8Array, nowMs: number): { number: number; command: Command } {
    checkHeader(frame, onlyBroadcast, dataFrameMax);
    this.#dropEnded(nowMs);
    const epoch = this.#open().find((key) => sameBytes(key.keyId, envelopeKeyId(frame)));
    if (!epoch || !sameBytes(epoch.topic, topic)) throw new Refusal('key.unknown');
    const number = envelopeSequence(frame, Number.MAX_SAFE_INTEGER);
    const body = bodyOf(epoch.envelope(this.#masterId).open(frame), kinds.broadcast);
    const encoded = body.subarray(signatureBytes);
    const signed = [frame.subarray(0, metadataBytes), epoch.number(), encoded];
    if (!verifyParts(this.#signing, body.subarray(0, signatureBytes), 'broadcast', ...signed)) {
      throw new Refusal('signature.broadcast');
    }
    if (!this.#window.take(number)) throw new Refusal('sequence.replayed');
    this.#note(number);
    const command = decodeBody(commandSchema, encoded);
    if (!sameBytes(command.target, everyone)) throw new Refusal('command.target');
    return { number, command };
  }

  /**
   * What to ASK for: of the numbers up to `head` that never came, the newest `askMax`, ascending. Each is given once:
   * the master repeats what is not answered by a receipt.
   * @param head of ACK or EPOCH, or the number of a broadcast
   */
  missing(head: number): number[] {
    this.#note(head);
    const numbers: number[] = [];
    for (let number = head; number > this.#settled && numbers.length < askMax; number--) {
      if (this.#window.isFresh(number)) numbers.push(number);
    }
    this.#settled = Math.max(this.#settled, head);
    return numbers.toReversed();
  }

  /** What to be subscribed to: the topics of the epochs that are open, the current one's first. */
  topics(nowMs: number): Uint8Array[] {
    this.#dropEnded(nowMs);
    return this.#open().map((key) => key.topic);
  }

  /** Zeroes the keys: nothing opens until `set` is called again. */
  erase(): void {
    for (const key of this.#open()) key.erase();
    this.#current = undefined;
    this.#ended = [];
  }

  #open(): EpochKey[] {
    const ended = this.#ended.map(({ key }) => key);
    return this.#current ? [this.#current, ...ended] : ended;
  }

  #dropEnded(nowMs: number): void {
    for (const { key, until } of this.#ended) if (nowMs >= until) key.erase();
    this.#ended = this.#ended.filter(({ until }) => nowMs < until);
  }

  #note(head: number): void {
    this.#head = Math.max(this.#head, head);
  }
}
