// As much of ZMTP 3.1 (ZeroMQ RFC 37) as can be seen from outside under every mechanism: the greeting, and where frames begin.
import type { Mechanism } from '@sealcast/channel/payloads';

export const greetingBytes = 64;

const signatureFirst = 0xff;
const signatureLast = 0x7f;
const versionMajorAt = 10;
const mechanismAt = 12;
const mechanismBytes = 20;
const asServerAt = 32;

/** What a server of `mechanism` says first. */
export function greeting(mechanism: Mechanism): Buffer {
  const bytes = Buffer.alloc(greetingBytes);
  bytes.set([signatureFirst, 0, 0, 0, 0, 0, 0, 0, 1, signatureLast, 3, 1]);
  bytes.write(mechanism.toUpperCase(), mechanismAt, 'latin1');
  bytes[asServerAt] = mechanism === 'null' ? 0 : 1;
  return bytes;
}

/** Whether a greeting can begin like this; `bytes` may be cut anywhere. */
export function beginsGreeting(bytes: Uint8Array): boolean {
  const expected: readonly [number, (byte: number) => boolean][] = [
    [0, (byte) => byte === signatureFirst],
    [signatureLastAt, (byte) => byte === signatureLast],
    [versionMajorAt, (byte) => byte >= 3],
  ];
  return expected.every(([at, fits]) => {
    const byte = bytes[at];
    return byte === undefined || fits(byte);
  });
}

const signatureLastAt = 9;

/** Whether a whole greeting names `mechanism`. */
export function greetsAs(bytes: Uint8Array, mechanism: Mechanism): boolean {
  const name = Buffer.alloc(mechanismBytes);
  name.write(mechanism.toUpperCase(), 'latin1');
  return name.equals(bytes.subarray(mechanismAt, mechanismAt + mechanismBytes));
}

/** A client's commands in a handshake. No message comes before the last of them, and none before the server's answer to it. */
export const handshakeFrames: Readonly<Record<Mechanism, number>> = { curve: 2, plain: 2, null: 1 };

const longFlag = 0x02;
const knownFlags = 0x07;

const topicBytes = 16;

/** Whether what is inside a frame, of `size` bytes, can subscribe to a topic: SUBSCRIBE of ZMTP 3.1, or the message of 3.0. */
export function subscribes(size: number): boolean {
  return size === 1 + 'SUBSCRIBE'.length + topicBytes || size === 1 + topicBytes;
}

export interface FrameStart {
  /** Bytes of the body. */
  size: number;
}

/** Follows the frames of a stream after its greeting, whatever chunks it comes in. */
export class FrameScanner {
  /** What has come of a header that is not whole. */
  #header: number[] = [];
  #bodyLeft = 0;

  /** @returns the frames that begin in `chunk`; undefined where a header is none */
  scan(chunk: Uint8Array): FrameStart[] | undefined {
    const starts: FrameStart[] = [];
    let at = 0;
    while (at < chunk.length) {
      if (this.#bodyLeft > 0) {
        const skipped = Math.min(this.#bodyLeft, chunk.length - at);
        this.#bodyLeft -= skipped;
        at += skipped;
        continue;
      }
      this.#header.push(chunk[at] ?? 0);
      at += 1;
      const [flags = 0, ...length] = this.#header;
      if ((flags & ~knownFlags) !== 0) return undefined;
      if (length.length < ((flags & longFlag) === 0 ? 1 : 8)) continue;
      // Above 2^53 it loses digits, and is far above every limit.
      this.#bodyLeft = length.reduce((sum, byte) => sum * 256 + byte, 0);
      this.#header = [];
      starts.push({ size: this.#bodyLeft });
    }
    return starts;
  }
}
