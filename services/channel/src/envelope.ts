import type { Entropy } from './entropy.ts';
import { Refusal } from './errors.ts';
import { nonceBytes, suite, tagBytes, version } from './frame.ts';
import { idBytes } from './ids.ts';
import { openFrom, sealWithin } from './seal.ts';

// PROTOCOL.md, The envelope
//
//     0     1   version     1
//     1     1   suite       1
//     2     1   kind
//     3     1   flags       0
//     4     8   key id
//     12    8   sequence
//     20    12  nonce
//     32    n   ciphertext of kind (1) ‖ body
//     32+n  16  tag
//
// AAD = metadata (32) ‖ direction (1) ‖ sender id (16) ‖ target id (16) ‖ epoch (8)

export const metadataBytes = 32;
const keyIdAt = 4;
const sequenceAt = 12;
const nonceAt = 20;
const bodyAt = metadataBytes + 1;
const aadBytes = metadataBytes + 1 + 2 * idBytes + 8;
const word = 2 ** 32;

const directions = { up: 1, down: 2, group: 3 } as const;
type Direction = keyof typeof directions;

/** One direction between two parties under one key: seals and opens envelopes, and counts nothing. */
export class EnvelopeKey {
  readonly #key: Uint8Array;
  readonly #keyId: Uint8Array;
  /** The metadata of the envelope at hand, and behind it what is the same for all. */
  readonly #aad = Buffer.alloc(aadBytes);

  /**
   * @param key 32 bytes, kept as they are, so that erasing them here erases them
   * @param keyId 8 bytes
   * @param epoch 0 but for BROADCAST
   */
  constructor(
    key: Uint8Array,
    keyId: Uint8Array,
    direction: Direction,
    sender: Uint8Array,
    target: Uint8Array,
    epoch = 0,
  ) {
    this.#key = key;
    this.#keyId = keyId;
    this.#aad[metadataBytes] = directions[direction];
    this.#aad.set(sender, metadataBytes + 1);
    this.#aad.set(target, metadataBytes + 1 + idBytes);
    writeU64(this.#aad, aadBytes - 8, epoch);
  }

  /**
   * The metadata of the envelope that `seal` will make, nonce included: what a broadcast's signature covers.
   * @param sequence 1 to 2⁵³−1
   * @returns 32 bytes
   */
  metadata(kind: number, sequence: number, entropy: Entropy): Buffer {
    const metadata = Buffer.allocUnsafe(metadataBytes);
    this.#writeMetadata(metadata, kind, sequence, entropy);
    return metadata;
  }

  /** @returns a frame of 49 bytes and the body */
  seal(kind: number, sequence: number, body: Uint8Array, entropy: Entropy): Buffer {
    const frame = Buffer.allocUnsafe(bodyAt + body.length + tagBytes);
    this.#writeMetadata(frame, kind, sequence, entropy);
    return this.#sealBody(frame, kind, body);
  }

  /** @param metadata of `metadata()`, which draws a nonce: seal one body under it, once */
  sealUnder(metadata: Uint8Array, body: Uint8Array): Buffer {
    const frame = Buffer.allocUnsafe(bodyAt + body.length + tagBytes);
    frame.set(metadata);
    return this.#sealBody(frame, metadata[2] ?? 0, body);
  }

  /**
   * Step 4 of opening one; the replay window comes next, and then `bodyOf`.
   * @param frame of at least 49 bytes
   * @returns kind ‖ body as they were sealed
   * @throws Refusal `seal.open`
   */
  open(frame: Uint8Array): Buffer {
    this.#aad.set(frame.subarray(0, metadataBytes));
    return openFrom(frame, metadataBytes, this.#key, frame.subarray(nonceAt, metadataBytes), this.#aad, 'seal.open');
  }

  #writeMetadata(frame: Buffer, kind: number, sequence: number, entropy: Entropy): void {
    frame[0] = version;
    frame[1] = suite;
    frame[2] = kind;
    frame[3] = 0;
    frame.set(this.#keyId, keyIdAt);
    writeU64(frame, sequenceAt, sequence);
    frame.set(entropy.bytes(nonceBytes), nonceAt);
  }

  #sealBody(frame: Buffer, kind: number, body: Uint8Array): Buffer {
    frame[metadataBytes] = kind;
    frame.set(body, bodyAt);
    frame.copy(this.#aad, 0, 0, metadataBytes);
    const nonce = frame.subarray(nonceAt, metadataBytes);
    sealWithin(frame, metadataBytes, 1 + body.length, this.#key, nonce, this.#aad);
    return frame;
  }
}

/** @param value 0 to 2⁵³−1 */
export function writeU64(bytes: Buffer, at: number, value: number): void {
  bytes.writeUInt32BE(Math.floor(value / word), at);
  bytes.writeUInt32BE(value % word, at + 4);
}

export function envelopeKeyId(frame: Uint8Array): Uint8Array {
  return frame.subarray(keyIdAt, sequenceAt);
}

/**
 * @param max at most 2⁵³−1
 * @returns the sequence, 1 to `max`
 * @throws Refusal `sequence.limit`
 */
export function envelopeSequence(frame: Uint8Array, max: number): number {
  const view = new DataView(frame.buffer, frame.byteOffset + sequenceAt, 8);
  const sequence = view.getUint32(0) * word + view.getUint32(4);
  if (sequence < 1 || sequence > max) throw new Refusal('sequence.limit');
  return sequence;
}

/**
 * @param plaintext kind ‖ body, at least 1 byte
 * @returns the body
 * @throws Refusal `payload.kind`, where the sealed kind is not the one in the clear
 */
export function bodyOf(plaintext: Buffer, kind: number): Buffer {
  if (plaintext[0] !== kind) throw new Refusal('payload.kind');
  return plaintext.subarray(1);
}
