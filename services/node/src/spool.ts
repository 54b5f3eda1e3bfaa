// Samples that the master has not confirmed. They wait in memory at first and go to disk when they have waited for
// `writeAfterMs`, or at the stop: while the master confirms within seconds, nothing is written but one number in a thousand
// samples. With the master away it is one write and one fsync every ten seconds, which an SD card stands for years of outages. A
// power cut or a kill loses what waited in memory: the last ten seconds of an outage at most, and nothing that was confirmed.
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { throughMax } from '@sealcast/channel/constants';
import type { Clock } from './harvest/clock.ts';
import type { Harvest } from './harvest/sampler.ts';
import { privateFolder } from '@sealcast/runtime/private-file';
import { SampleNumbers } from './sample-numbers.ts';
import * as segments from './spool-segment.ts';

export type SpooledSample = segments.SpooledSample;

export interface SpoolLimits {
  /** Of the files; what is above goes, oldest first, a file at a time. */
  maxBytes: number;
  maxAgeMs: number;
}

const writeAfterMs = 10_000;
const writeAfterSamples = 64;
// Where the disk takes nothing more.
const maxWaiting = 256;
const maxSegmentBytes = 1 << 18;
// A clock that says less was never set: a Raspberry Pi starts in 1970, or where it stopped.
const clockSetMs = Date.UTC(2025);

interface Waiting {
  sample: SpooledSample;
  /** Encoded when it first has to be. */
  record?: Buffer;
}

/** @param stateFolder the samples lie in its folder `spool` */
export function openSpool(stateFolder: string, limits: SpoolLimits): Spool {
  return new Spool(join(stateFolder, 'spool'), limits);
}

export class Spool {
  readonly #folder: string;
  readonly #limits: SpoolLimits;
  readonly #numbers: SampleNumbers;
  // Oldest first, and all of them before what waits.
  #segments: segments.Segment[] = [];
  #waiting: Waiting[] = [];
  #dropped = 0;
  #problem: string | undefined;

  constructor(folder: string, limits: SpoolLimits) {
    this.#folder = folder;
    this.#limits = limits;
    privateFolder(folder, 'state_dir');
    for (const name of readdirSync(folder).filter(segments.isSegment).toSorted()) this.#found(join(folder, name));
    this.#numbers = new SampleNumbers(join(folder, 'numbers'), this.#lastWritten());
  }

  /** How many samples are not confirmed. */
  get size(): number {
    return this.#segments.reduce((sum, { count }) => sum + count, this.#waiting.length);
  }

  /** How many samples were given up since the start: over the limits, damaged, or nowhere to be written to. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Why the disk takes nothing; undefined while it does. */
  get problem(): string | undefined {
    return this.#problem ?? this.#numbers.problem;
  }

  /** @returns the sample's number, which no other ever has */
  append(harvest: Harvest, clock: Clock): number {
    const number = this.#numbers.take();
    this.#waiting.push({ sample: { number, clock, harvest } });
    const { maxAgeMs } = this.#limits;
    while (this.#segments[0] && ageMs(this.#segments[0].newest, clock) > maxAgeMs) this.#giveUpOldest();
    const longest = ageMs(this.#waiting[0]?.sample.clock ?? clock, clock);
    if (longest >= writeAfterMs || this.#waiting.length >= writeAfterSamples) this.flush();
    return number;
  }

  /** The oldest unconfirmed samples: at most `count`, and in CBOR at most `maxBytes` of them, but one at least. */
  oldest(count: number, maxBytes: number): SpooledSample[] {
    if (this.#segments.length === 0 && this.#waiting.length === 1)
      return count < 1 ? [] : this.#waiting.map(({ sample }) => sample);
    const samples: SpooledSample[] = [];
    let left = maxBytes;
    for (const { sample, bytes } of this.#unconfirmed()) {
      left -= bytes;
      if (samples.length >= count || (samples.length > 0 && left < 0)) break;
      samples.push(sample);
    }
    return samples;
  }

  /** The master holds all samples up to `through`: they are forgotten. */
  confirm(through: number): void {
    while (this.#segments[0] && this.#segments[0].last <= through) this.#remove();
    const [segment] = this.#segments;
    if (segment && segment.first <= through) {
      try {
        this.#segments[0] = segments.confirmedSegment(segment, through);
        if (this.#segments[0].count === 0) this.#remove();
      } catch {
        // It is sent once more, and given up if it can't be read then either.
      }
    }
    while (this.#waiting[0] && this.#waiting[0].sample.number <= through) this.#waiting.shift();
  }

  /**
   * The master says that it holds samples up to `through`. If this node never gave that number, its state is lost or older than
   * it was, and what it has not delivered since gets numbers above, which the master will not take for what it holds.
   * Above `throughMax` it is ignored.
   */
  raise(through: number): void {
    if (through > throughMax) return;
    if (through <= this.#numbers.last) return this.confirm(through);
    this.#numbers.raise(through);
    const old = this.#segments.splice(0);
    const waiting = this.#waiting.splice(0);
    for (const segment of old) {
      for (const { sample } of this.#readable(segment)) {
        this.#waiting.push({ sample: { ...sample, number: this.#numbers.take() } });
        if (this.#waiting.length >= writeAfterSamples) this.flush();
      }
      this.flush();
      erase(segment);
    }
    this.#waiting.push(...waiting.map(({ sample }) => ({ sample: { ...sample, number: this.#numbers.take() } })));
  }

  /** Writes what waits. Where the disk takes nothing it goes on waiting, and the oldest is given up when that gets too much. */
  flush(): void {
    while (this.#waiting.length > 0 && this.#waitingBytes() > this.#limits.maxBytes) this.#giveUpWaiting();
    if (this.#waiting.length === 0) return;
    try {
      this.#write();
      this.#waiting = [];
      this.#problem = undefined;
    } catch (error) {
      this.#problem = String(error);
      while (this.#waiting.length > maxWaiting) this.#giveUpWaiting();
    }
  }

  /** Writes what waits; nothing may be called after it. */
  close(): void {
    this.flush();
    this.#numbers.close();
  }

  *#unconfirmed(): Generator<{ sample: SpooledSample; bytes: number }> {
    for (const segment of this.#segments) yield* this.#readable(segment);
    for (const waiting of this.#waiting) yield { sample: waiting.sample, bytes: recordOf(waiting).length };
  }

  /** What of a segment can be read; the rest is given up. */
  *#readable(segment: segments.Segment): Generator<{ sample: SpooledSample; bytes: number }> {
    let read = 0;
    try {
      for (const entry of segments.readSegment(segment)) {
        read += 1;
        yield entry;
      }
    } catch {
      // The same as where the file ends too early.
    }
    if (read >= segment.count) return;
    this.#dropped += segment.count - read;
    segment.count = read;
    segment.damaged = true;
    if (read > 0 || !this.#segments.includes(segment)) return;
    this.#segments = this.#segments.filter((other) => other !== segment);
    erase(segment);
  }

  #waitingBytes(): number {
    return this.#waiting.reduce((sum, waiting) => sum + recordOf(waiting).length, 0);
  }

  #write(): void {
    const records = Buffer.concat(this.#waiting.map(recordOf));
    const used = () => this.#segments.reduce((sum, { bytes }) => sum + bytes, records.length);
    while (this.#segments.length > 0 && used() > this.#limits.maxBytes) this.#giveUpOldest();
    const [first, newest] = [this.#waiting[0]?.sample, this.#waiting.at(-1)?.sample];
    if (first === undefined || newest === undefined) return;
    let segment = this.#segments.at(-1);
    if (segment === undefined || !this.#takes(segment, records.length, newest.clock)) {
      const path = segments.segmentPath(this.#folder, first.number);
      const empty = { path, bytes: 0, offset: 0, count: 0, damaged: false };
      segment = { ...empty, first: first.number, last: 0, oldest: first.clock, newest: newest.clock };
    }
    segments.writeRecords(segment.path, segment.bytes, records);
    segment.bytes += records.length;
    segment.count += this.#waiting.length;
    segment.last = newest.number;
    segment.newest = newest.clock;
    if (this.#segments.at(-1) !== segment) this.#segments.push(segment);
  }

  // A file is given up as a whole, so it holds at most an eighth of what may be kept.
  #takes({ damaged, bytes, oldest }: segments.Segment, more: number, now: Clock): boolean {
    const { maxBytes, maxAgeMs } = this.#limits;
    return !damaged && bytes + more <= Math.min(maxSegmentBytes, maxBytes / 8) && ageMs(oldest, now) <= maxAgeMs / 8;
  }

  #found(path: string): void {
    try {
      const segment = segments.openSegment(path, this.#lastWritten());
      if (segment !== undefined) this.#segments.push(segment);
    } catch (error) {
      this.#problem = String(error);
    }
  }

  #lastWritten(): number {
    return this.#segments.at(-1)?.last ?? 0;
  }

  #giveUpWaiting(): void {
    this.#waiting.shift();
    this.#dropped += 1;
  }

  #giveUpOldest(): void {
    this.#dropped += this.#segments[0]?.count ?? 0;
    this.#remove();
  }

  #remove(): void {
    const segment = this.#segments.shift();
    if (segment !== undefined) erase(segment);
  }
}

function recordOf(waiting: Waiting): Buffer {
  return (waiting.record ??= segments.encodeSample(waiting.sample));
}

function erase({ path }: segments.Segment): void {
  try {
    rmSync(path, { force: true });
  } catch {
    // It comes back with the next start, and is confirmed or given up again.
  }
}

/** By the monotonic clock within a boot; else by the wall clock, where it can have been right. */
function ageMs(then: Clock, now: Clock): number {
  if (then.boot === now.boot && !/^0*$/.test(then.boot)) return now.monotonic - then.monotonic;
  return then.wall < clockSetMs ? 0 : now.wall - then.wall;
}
