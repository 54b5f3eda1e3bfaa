// One file of the spool: samples in the order of their numbers.
import { closeSync, fdatasyncSync, fstatSync, fsyncSync, ftruncateSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { decode, encode } from '@sealcast/channel/cbor';
import { sampleSchema } from '@sealcast/channel/payloads';
import * as v from 'valibot';
import type { Clock } from './harvest/clock.ts';
import type { Harvest } from './harvest/sampler.ts';
import { encodeRecord, readRecords } from './record-file.ts';
import { numberMax } from './sample-numbers.ts';

export interface SpooledSample {
  number: number;
  /** When it was taken. */
  clock: Clock;
  harvest: Harvest;
}

/** What is known of a file without reading it. */
export interface Segment {
  path: string;
  bytes: number;
  /** Where the first unconfirmed sample begins, its number, and how many there are from there on. */
  offset: number;
  first: number;
  count: number;
  /** The highest number. */
  last: number;
  oldest: Clock;
  newest: Clock;
  /** Nothing behind the damage can be read. */
  damaged: boolean;
}

// A record's payload: number (u64), monotonic (f64), wall (f64), boot (16), harvest (CBOR).
const prefixBytes = 40;

const harvestSchema = v.omit(sampleSchema, ['number', 'at']);

export function encodeSample({ number, clock, harvest }: SpooledSample): Buffer {
  const prefix = Buffer.alloc(prefixBytes);
  prefix.writeBigUInt64BE(BigInt(number), 0);
  prefix.writeDoubleBE(clock.monotonic, 8);
  prefix.writeDoubleBE(clock.wall, 16);
  prefix.write(clock.boot, 24, 'hex');
  return encodeRecord(Buffer.concat([prefix, encode(harvest)]));
}

function decodePrefix(payload: Buffer): { number: number; clock: Clock } {
  const clock = {
    boot: payload.toString('hex', 24, prefixBytes),
    monotonic: payload.readDoubleBE(8),
    wall: payload.readDoubleBE(16),
  };
  return { number: Number(payload.readBigUInt64BE(0)), clock };
}

/** The name tells the order and the version of what stands in the file. */
export function segmentPath(folder: string, first: number): string {
  return join(folder, `${String(first).padStart(16, '0')}.v1`);
}

export function isSegment(name: string): boolean {
  return /^\d{16}\.v1$/.test(name);
}

/**
 * Reads a file over after a start, and cuts off what is not whole, or has no number above the one before; undefined, and no
 * file, where nothing is left.
 * @param after the last number of the file before
 */
export function openSegment(path: string, after: number): Segment | undefined {
  const file = openSync(path, 'r+');
  let segment: Segment | undefined;
  try {
    for (const { payload, end } of readRecords(file, 0)) {
      if (payload.length < prefixBytes) break;
      const { number, clock } = decodePrefix(payload);
      if (number <= (segment?.last ?? after) || number > numberMax) break;
      const { count, first, oldest } = segment ?? { count: 0, first: number, oldest: clock };
      const begun = { path, offset: 0, first, oldest, damaged: false };
      segment = { ...begun, bytes: end, count: count + 1, last: number, newest: clock };
    }
    if (segment !== undefined && fstatSync(file).size !== segment.bytes) {
      ftruncateSync(file, segment.bytes);
      fsyncSync(file);
    }
  } finally {
    closeSync(file);
  }
  if (segment === undefined) rmSync(path, { force: true });
  return segment;
}

/** The unconfirmed samples, oldest first, with their sizes. Throws where the file can't be read or understood. */
export function* readSegment({ path, offset }: Segment): Generator<{ sample: SpooledSample; bytes: number }> {
  const file = openSync(path, 'r');
  try {
    for (const { payload } of readRecords(file, offset)) {
      const harvest = v.parse(harvestSchema, decode(payload.subarray(prefixBytes)));
      yield { sample: { ...decodePrefix(payload), harvest }, bytes: payload.length };
    }
  } finally {
    closeSync(file);
  }
}

/** The segment without its samples up to `through`. */
export function confirmedSegment(segment: Segment, through: number): Segment {
  let { offset, first, count } = segment;
  const file = openSync(segment.path, 'r');
  try {
    for (const { payload, end } of readRecords(file, segment.offset)) {
      first = decodePrefix(payload).number;
      if (first > through) return { ...segment, offset, first, count };
      offset = end;
      count -= 1;
    }
  } finally {
    closeSync(file);
  }
  return { ...segment, offset, first, count };
}

/** Durable when it returns; where it throws, the file is as it was. */
export function writeRecords(path: string, at: number, records: Uint8Array): void {
  const file = openSync(path, at === 0 ? 'w' : 'r+', 0o600);
  try {
    for (let written = 0; written < records.length; ) {
      written += writeSync(file, records, written, records.length - written, at + written);
    }
    fdatasyncSync(file);
  } catch (error) {
    ftruncateSync(file, at);
    throw error;
  } finally {
    closeSync(file);
  }
  if (at === 0) syncFolder(dirname(path));
}

function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}
