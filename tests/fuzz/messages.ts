// Contents of envelopes: valid bodies by their kind, hostile ones, and what stands around them.
import { encode } from '@sealcast/channel/cbor';
import { sessionMaxMessages } from '@sealcast/channel/constants';
import { kinds } from '@sealcast/channel/frame';
import * as fc from 'fast-check';
import type { Value } from '../twin/cbor.ts';
import { hostileBodies } from './hostile-cbor.ts';

const allKinds = Object.values(kinds);

/** The number of a kind that the arbitraries of the vectors name as PROTOCOL.md does. */
export function kindOf(name: string): number {
  const found = Object.entries(kinds).find(([each]) => each === name.toLowerCase());
  if (!found) throw new Error(`no such kind: ${name}`);
  return found[1];
}

/** What an envelope under the right key says: the sequence as its distance from the one that is next. */
export interface Hostile {
  outer: number;
  inner: number;
  ahead: bigint;
  body: Uint8Array;
}

const ahead = fc.oneof(
  { weight: 8, arbitrary: fc.constant(0n) },
  { weight: 1, arbitrary: fc.constantFrom(-1n, -2n, -1024n, -1_000_000n) },
  { weight: 1, arbitrary: fc.constantFrom(BigInt(sessionMaxMessages), 2n ** 53n, 2n ** 63n) },
);

/** @param messages name of the kind, and body */
export function hostileMessages(messages: fc.Arbitrary<[string, Value]>): fc.Arbitrary<Hostile> {
  const named = messages.chain(([name, body]) =>
    fc.record({ kind: fc.constant(kindOf(name)), body: hostileBodies(fc.constant(body)) }),
  );
  return fc
    .tuple(
      named,
      fc.oneof({ weight: 9, arbitrary: fc.constant(-1) }, fc.constantFrom(...allKinds, 0, 255)),
      fc.boolean(),
      ahead,
    )
    .map(([{ kind, body }, other, clear, distance]) => {
      const wrong = other < 0 ? kind : other;
      return { outer: clear ? wrong : kind, inner: clear ? kind : wrong, ahead: distance, body };
    });
}

/** The sequence of a hostile envelope, which fits 64 bits. */
export function sequenceOf({ ahead: distance }: Hostile, next: number): bigint {
  const sequence = BigInt(next) + distance;
  return sequence < 0n ? 0n : sequence;
}

export function encodedMessages(messages: fc.Arbitrary<[string, Value]>, count: number): [number, Uint8Array][] {
  return fc.sample(messages, count).map(([name, body]) => [kindOf(name), encode(body)]);
}
