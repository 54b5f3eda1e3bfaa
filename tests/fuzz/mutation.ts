// What can happen to bytes on their way. A plan says it without the bytes, so that a failure shows a plan that can be read.
import { dataFrameMax, joinFrameMax } from '@sealcast/channel/constants';
import { helloBytes, offerBytes, refusalBytes } from '@sealcast/channel/frame';
import * as fc from 'fast-check';

type Change =
  | { how: 'turn'; at: number; mask: number }
  | { how: 'fill'; at: number; length: number; byte: number }
  | { how: 'cut'; at: number }
  | { how: 'leave'; at: number; length: number }
  | { how: 'put'; at: number; bytes: Uint8Array }
  | { how: 'splice'; at: number; other: number; from: number }
  | { how: 'resize'; length: number };

export interface Plan {
  /** Which of the honest ones it begins with. */
  of: number;
  changes: Change[];
}

/** Near the front, where headers are; near the end, where tags and signatures are; anywhere. */
const at = fc.oneof(fc.nat(79), fc.integer({ min: -80, max: -1 }), fc.nat(dataFrameMax));
const length = fc.oneof(fc.nat(80), fc.nat(2000));
const sizes = [0, 1, 48, 49, 50, helloBytes, offerBytes, refusalBytes, joinFrameMax, dataFrameMax];
const size = fc.oneof(
  fc.constantFrom(...sizes).chain((exact) => fc.constantFrom(exact, exact + 1, Math.max(exact - 1, 0))),
  fc.nat(joinFrameMax + 100),
);

const change: fc.Arbitrary<Change> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ how: fc.constant('turn' as const), at, mask: fc.integer({ min: 1, max: 255 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ how: fc.constant('fill' as const), at, length, byte: fc.constantFrom(0, 255, 1) }),
  },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('cut' as const), at }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('leave' as const), at, length }) },
  {
    weight: 2,
    arbitrary: fc.record({ how: fc.constant('put' as const), at, bytes: fc.uint8Array({ maxLength: 40 }) }),
  },
  { weight: 2, arbitrary: fc.record({ how: fc.constant('splice' as const), at, other: fc.nat(31), from: at }) },
  { weight: 1, arbitrary: fc.record({ how: fc.constant('resize' as const), length: size }) },
);

/** At least one change. */
export const plans: fc.Arbitrary<Plan> = fc.record({
  of: fc.nat(31),
  changes: fc.array(change, { minLength: 1, maxLength: 3 }),
});

/** @returns bytes of its own, made from the honest ones as the plan says; they can come out as they were */
export function carryOut({ of, changes }: Plan, honest: readonly Uint8Array[]): Buffer {
  const pick = (index: number) => honest[index % honest.length] ?? new Uint8Array(0);
  return changes.reduce<Buffer>((bytes, one) => changed(bytes, one, pick), Buffer.from(pick(of)));
}

function changed(bytes: Buffer, one: Change, pick: (index: number) => Uint8Array): Buffer {
  switch (one.how) {
    case 'turn': {
      const copy = Buffer.from(bytes);
      const place = placeIn(bytes, one.at);
      if (place < copy.length) copy[place] = (copy[place] ?? 0) ^ one.mask;
      return copy;
    }
    case 'fill': {
      const place = placeIn(bytes, one.at);
      return Buffer.from(bytes).fill(one.byte, place, Math.min(place + one.length, bytes.length));
    }
    case 'cut':
      return bytes.subarray(0, placeIn(bytes, one.at));
    case 'leave': {
      const place = placeIn(bytes, one.at);
      return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + one.length)]);
    }
    case 'put': {
      const place = placeIn(bytes, one.at);
      return Buffer.concat([bytes.subarray(0, place), one.bytes, bytes.subarray(place)]);
    }
    case 'splice': {
      const other = pick(one.other);
      return Buffer.concat([bytes.subarray(0, placeIn(bytes, one.at)), other.subarray(placeIn(other, one.from))]);
    }
    case 'resize': {
      const resized = Buffer.alloc(one.length);
      bytes.copy(resized);
      return resized;
    }
    default:
      return one satisfies never;
  }
}

function placeIn(bytes: Uint8Array, place: number): number {
  return place < 0 ? Math.max(bytes.length + place, 0) : place % (bytes.length + 1);
}

/** As `carryOut`, with the length of the honest one. */
export function carryOutWithin(plan: Plan, honest: readonly Uint8Array[]): Buffer {
  const exact = Buffer.alloc(honest[plan.of % honest.length]?.length ?? 0);
  carryOut(plan, honest).copy(exact);
  return exact;
}

/** The same for text, of which bytes that are no UTF-8 become U+FFFD. */
export function carryOutText(plan: Plan, honest: readonly string[]): string {
  return carryOut(
    plan,
    honest.map((text) => Buffer.from(text)),
  ).toString('utf8');
}
