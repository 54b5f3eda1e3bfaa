import { dataFrameMax } from './constants.ts';
import { Refusal } from './errors.ts';

/** PROTOCOL.md, The envelope: the kinds, as they stand in the third byte of every frame and first in every plaintext. */
export const kinds = {
  hello: 0x01,
  offer: 0x02,
  confirm: 0x03,
  welcome: 0x04,
  refusal: 0x05,
  report: 0x10,
  facts: 0x11,
  receipt: 0x12,
  ask: 0x13,
  leave: 0x14,
  rotate: 0x15,
  otherUp: 0x1f,
  ack: 0x20,
  command: 0x21,
  epoch: 0x22,
  rotated: 0x23,
  otherDown: 0x2f,
  broadcast: 0x30,
} as const;

const up = [kinds.report, kinds.facts, kinds.receipt, kinds.ask, kinds.leave, kinds.rotate];
const down = [kinds.ack, kinds.command, kinds.epoch, kinds.rotated];
const upKinds: ReadonlySet<number> = new Set(up);
const downKinds: ReadonlySet<number> = new Set(down);
const upKindsAndOther: ReadonlySet<number> = new Set([...up, kinds.otherUp]);
const downKindsAndOther: ReadonlySet<number> = new Set([...down, kinds.otherDown]);

/** Which kinds are taken and sent beside those of a fleet. */
export interface KindOptions {
  /** OTHER, which an application beside a fleet speaks; off unless asked for. */
  other?: boolean;
}

/** The kinds that a session carries from that side. */
export function kindsFrom(side: 'node' | 'master', { other = false }: KindOptions = {}): ReadonlySet<number> {
  if (side === 'node') return other ? upKindsAndOther : upKinds;
  return other ? downKindsAndOther : downKinds;
}

export const version = 1;
export const suite = 1;
export const tagBytes = 16;
export const nonceBytes = 12;
/** Metadata, the kind and a tag: an envelope with an empty body. */
const frameMin = 49;

export const helloBytes = 1714;
export const offerBytes = 1225;
const confirmBytes = 113;
export const refusalBytes = 97;
const exactBytes: ReadonlyMap<number, number> = new Map([
  [kinds.hello, helloBytes],
  [kinds.offer, offerBytes],
  [kinds.confirm, confirmBytes],
  [kinds.refusal, refusalBytes],
]);

/**
 * The first step of opening any frame (PROTOCOL.md, Opening one).
 *
 *     0  1  version  1
 *     1  1  suite    1
 *     2  1  kind
 *     3  1  flags    0
 *
 * @param taken the kinds that this receiver takes in this direction
 * @param frameMax the limit of the port, in bytes
 * @returns the kind
 * @throws Refusal `frame.length`, `frame.version`, `frame.suite`, `frame.kind`, `frame.flags`
 */
export function checkHeader(frame: Uint8Array, taken: ReadonlySet<number>, frameMax: number): number {
  const [frameVersion, frameSuite, kind = 0, flags] = frame;
  const exact = taken.has(kind) ? exactBytes.get(kind) : undefined;
  if (frame.length < frameMin || frame.length > frameMax) throw new Refusal('frame.length');
  if (exact !== undefined && frame.length !== exact) throw new Refusal('frame.length');
  if (frameVersion !== version) throw new Refusal('frame.version');
  if (frameSuite !== suite) throw new Refusal('frame.suite');
  if (!taken.has(kind)) throw new Refusal('frame.kind');
  if (flags !== 0) throw new Refusal('frame.flags');
  return kind;
}

/**
 * Which session a frame on a data port is for; says nothing of who sent it.
 * @param from the side that the frame claims to come from
 * @returns the key id, 8 bytes of the frame itself
 * @throws Refusal `frame.*`
 */
export function readKeyId(frame: Uint8Array, from: 'node' | 'master', options?: KindOptions): Uint8Array {
  checkHeader(frame, kindsFrom(from, options), dataFrameMax);
  return frame.subarray(4, 12);
}
