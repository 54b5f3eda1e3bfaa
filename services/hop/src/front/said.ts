// What a connection says at once: a chunk of its stream, the frames that begin in it, and what it costs libzmq.
import type { Mechanism } from '@sealcast/channel/payloads';
import { frameOverhead } from '../options.ts';
import { type PortName, portFrameMax } from '../sockets.ts';
import type { CutReason } from './cuts.ts';
import { frameCost } from './limits.ts';
import { FrameScanner, type FrameStart, subscribes } from './zmtp.ts';

export interface Said {
  chunk: Buffer;
  frames: FrameStart[];
  /** In bytes. */
  cost: number;
  /** How many of the frames can subscribe to a topic. */
  topics: number;
}

export class SaidReader {
  readonly #scanner = new FrameScanner();
  /** Bytes of a frame's body. */
  readonly #frameMax: number;
  readonly #overhead: number;

  constructor(port: PortName, mechanism: Mechanism) {
    this.#overhead = frameOverhead[mechanism];
    this.#frameMax = portFrameMax[port] + this.#overhead;
  }

  /** Reads each chunk once, in the order in which they came. @returns also why the connection is to be cut */
  read(chunk: Buffer): Said | CutReason {
    const frames = this.#scanner.scan(chunk);
    if (frames === undefined) return 'cut.protocol';
    if (frames.some(({ size }) => size > this.#frameMax)) return 'cut.frame';
    const topics = frames.filter(({ size }) => subscribes(size - this.#overhead)).length;
    return { chunk, frames, cost: chunk.length + frames.length * frameCost, topics };
  }
}
