// Random values of the payloads, within their schemas.
import * as fc from 'fast-check';
import type { Value } from '../twin/cbor.ts';
import { type Body, schemas } from '../twin/schemas.ts';

// A failure is told at once, with the seed to see it again: shrinking a value this large takes longer than anybody waits.
fc.configureGlobal({ endOnFailure: true });

const uint53 = fc.maxSafeNat();
const count = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
const fraction = (max: number) => fc.double({ min: 0, max, noNaN: true });
const percent = fc.oneof(fraction(100), fc.integer({ min: 0, max: 100 }));
const rate = fc.oneof(fraction(1e15), fc.integer({ min: 0, max: 1e15 }));
const bytesOf = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const line = fc
  .string({ unit: 'binary', maxLength: 60 })
  .filter((detail) => schemas.receipt({ command: new Uint8Array(16), outcome: 'done', detail }));
const name = fc.oneof(
  line.map((text) => Array.from(text).slice(0, 10).join('') || 'x'),
  fc.constant('x'.repeat(64)),
);
const text = line.map((words) => `${words}\n\t.`);
const some = <T>(item: fc.Arbitrary<T>, maxLength = 4) => fc.array(item, { maxLength });

const sample = fc.record({
  number: count,
  at: uint53,
  uptime: uint53,
  cpu: percent,
  cores: some(percent, 16),
  load: fc.tuple(rate, rate, rate),
  memory: fc.record({ total: uint53, available: uint53 }),
  swap: fc.record({ total: uint53, free: uint53 }),
  disks: some(fc.record({ mount: name, device: name, type: name, total: uint53, free: uint53 })),
  io: some(fc.record({ device: name, read: rate, written: rate, busy: percent })),
  interfaces: some(fc.record({ name, received: rate, sent: rate })),
  temperatures: some(fc.record({ name, celsius: fc.double({ min: -273, max: 1000, noNaN: true }).map((c) => c + 0) })),
});
const action = fc.oneof(
  fc.record({ type: fc.constant('text'), text }),
  fc.record({ type: fc.constant('interval'), seconds: fc.integer({ min: 1, max: 3600 }) }),
  fc.record({ type: fc.constant('rotate') }),
  fc.record({
    type: fc.constant('run'),
    program: name.map((words) => `/${words}`),
    arguments: some(line),
    seconds: fc.integer({ min: 1, max: 3600 }),
  }),
);

/** A command's target is the caller's to set. */
export const command = fc.record({ id: bytesOf(16), target: bytesOf(16), issued: uint53, expires: uint53, action });

const missing = fc.uniqueArray(count, { maxLength: 64 }).map((numbers) => numbers.toSorted((a, b) => a - b));
const memory = uint53;

const facts = {
  name,
  os: line,
  kernel: line,
  arch: name,
  version: name,
  vendor: line,
  model: line,
  cpu: fc.record({ model: line, cores: count, threads: count }),
  memory,
  boot: uint53,
  disks: some(fc.record({ name, model: line, size: uint53 })),
  gpus: some(line),
  addresses: some(name),
};

export const upMessages: fc.Arbitrary<[string, Body]> = fc.oneof(
  fc.tuple(fc.constant('REPORT'), fc.record({ samples: some(sample) })),
  fc.tuple(
    fc.constant('FACTS'),
    fc.oneof(
      fc.record(facts),
      fc.record({
        ...facts,
        policy: fc.record({
          level: fc.constantFrom('observe', 'operate', 'admin'),
          allowed: some(line),
          more: uint53,
        }),
      }),
    ),
  ),
  fc.tuple(
    fc.constant('RECEIPT'),
    fc.record(
      {
        command: bytesOf(16),
        outcome: fc.constantFrom('done', 'refused', 'failed', 'expired'),
        detail: line,
        output: text,
      },
      { requiredKeys: ['command', 'outcome'] },
    ),
  ),
  fc.tuple(fc.constant('ASK'), fc.record({ epoch: uint53, missing })),
  fc.tuple(fc.constant('LEAVE'), fc.constant({})),
  fc.tuple(fc.constant('ROTATE'), fc.record({ identity: bytesOf(32), old: bytesOf(64), new: bytesOf(64) })),
);

/** @param target of every command among them */
export function downMessages(target: Uint8Array): fc.Arbitrary<[string, Body]> {
  return fc.oneof(
    fc.tuple(fc.constant('ACK'), fc.record({ through: uint53, head: uint53, epoch: count, time: uint53 })),
    fc.tuple(
      fc.constant('COMMAND'),
      command.map((one) => ({ ...one, target })),
    ),
    fc.tuple(fc.constant('EPOCH'), fc.record({ epoch: count, key: bytesOf(32), head: uint53 })),
    fc.tuple(fc.constant('ROTATED'), fc.record({ identity: bytesOf(32) })),
  );
}

export const welcome: fc.Arbitrary<Body> = fc.record({
  epoch: count,
  key: bytesOf(32),
  head: uint53,
  through: uint53,
  time: uint53,
  interval: fc.integer({ min: 1, max: 3600 }),
});

/** Any value that has an encoding. */
export const cborValue: fc.Arbitrary<Value> = fc.letrec<{ value: Value }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 7, withCrossShrink: true },
    fc.oneof(
      fc.maxSafeInteger(),
      fc.integer({ min: -300, max: 300 }),
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }).map((number) => number + 0),
      fc.float({ noNaN: true, noDefaultInfinity: true, min: -2048, max: 2048 }).map((number) => number + 0),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.uint8Array({ maxLength: 30 }),
      fc.constantFrom<Value>(true, false, null),
    ),
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string({ unit: 'binary', maxLength: 30 }), tie('value'), { maxKeys: 5 }),
  ),
})).value;

/** Bytes that were changed at a few places: turned, put in or left out. */
export function bent(sound: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const change = fc.record({ at: fc.nat(), how: fc.constantFrom('turn', 'put', 'leave'), byte: fc.nat(255) });
  return fc.tuple(sound, fc.array(change, { minLength: 1, maxLength: 3 })).map(([bytes, changes]) => {
    let out = [...bytes];
    for (const { at, how, byte } of changes) {
      const place = at % (out.length + 1);
      const [before, after] = [out.slice(0, place), out.slice(place)];
      if (how === 'put') out = [...before, byte, ...after];
      else if (how === 'leave') out = [...before, ...after.slice(1)];
      else out = [...before, ...after.slice(0, 1).map((old) => old ^ (byte || 1)), ...after.slice(1)];
    }
    return Uint8Array.from(out);
  });
}
