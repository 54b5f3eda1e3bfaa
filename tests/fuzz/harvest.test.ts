import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '@sealcast/channel/cbor';
import { dataFrameMax } from '@sealcast/channel/constants';
import { factsSchema, sampleSchema } from '@sealcast/channel/payloads';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { readFacts } from '../../services/node/src/harvest/facts.ts';
import { Sampler } from '../../services/node/src/harvest/sampler.ts';
import { Machine } from '../unit/node/machine.ts';
import { type Target, fuzz } from './fuzz.ts';
import { carryOut, type Plan, plans } from './mutation.ts';

const recordings = ['raspberry-pi-4', 'raspberry-pi-5', 'server', 'laptop', 'virtual-machine'] as const;

/** What the kernel would hardly say, and firmware, disks and USB sticks might. */
const odd = [
  '',
  '\n',
  '0',
  '-1',
  'nan',
  'inf',
  '1e400',
  '99999999999999999999',
  '-9223372036854775808',
  '\u0000'.repeat(100),
  '\u001b[2J\u0085',
  '\ud83d\ude00'.repeat(100),
  'x'.repeat(70_000),
  'cpu '.repeat(20_000),
  'a b c d e f g h i j k l m\n'.repeat(3000),
  'cpu999999999 1 1 1 1\ncpu-1 1 1 1 1\ncpu1e9 1 1 1 1\n',
];

interface Change {
  file: number;
  how: { plan: Plan } | { text: string } | { lines: string[] } | 'gone' | 'folder';
}

const numbers = fc.oneof(
  fc.bigInt({ min: -1n, max: 2n ** 70n }).map(String),
  fc.double().map(String),
  fc.constantFrom('0', ''),
);
const words = fc.oneof(
  numbers,
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.constantFrom('eth0:', 'sda', 'cpu0', 'cpu', '-', '/', 'ext4', 'kB', 'MemTotal:'),
);
const changes: fc.Arbitrary<Change[]> = fc.array(
  fc.record({
    file: fc.nat(10_000),
    how: fc.oneof(
      { weight: 6, arbitrary: fc.record({ plan: plans }) },
      { weight: 2, arbitrary: fc.record({ text: fc.constantFrom(...odd) }) },
      {
        weight: 2,
        arbitrary: fc.record({
          lines: fc.array(
            fc.array(words, { maxLength: 20 }).map((each) => each.join(' ')),
            { maxLength: 20 },
          ),
        }),
      },
      fc.constant('gone' as const),
      fc.constant('folder' as const),
    ),
  }),
  { minLength: 1, maxLength: 4 },
);

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length))
    .toSorted();
}

/** Recorded machines, of which files are changed and put back. */
function machines() {
  const all = recordings.map((name) => {
    const machine = new Machine(name);
    const paths = filesBelow(machine.root);
    return { machine, paths, contents: new Map(paths.map((path) => [path, readFileSync(join(machine.root, path))])) };
  });
  return {
    count: all.length,
    with<Result>(which: number, changed: Change[], act: (root: string) => Result): Result {
      const { machine, paths, contents } = all[which]!;
      const touched = new Set<string>();
      for (const { file, how } of changed) {
        const path = paths[file % paths.length]!;
        touched.add(path);
        machine.remove(path);
        const pool = [contents.get(path)!, ...contents.values()];
        if (how === 'folder') machine.add(`${path}/`);
        else if (how !== 'gone') writeFileSync(join(machine.root, path), bytesOf(how, pool));
      }
      try {
        return act(machine.root);
      } finally {
        for (const path of touched) {
          machine.remove(path);
          writeFileSync(join(machine.root, path), contents.get(path)!);
        }
      }
    },
    async [Symbol.asyncDispose]() {
      for (const { machine } of all) machine[Symbol.dispose]();
    },
  };
}

function bytesOf(how: Exclude<Change['how'], string>, pool: Buffer[]): string | Buffer {
  if ('text' in how) return how.text;
  if ('lines' in how) return how.lines.join('\n');
  return carryOut({ ...how.plan, of: 0 }, pool);
}

function fuzzMachines(target: Target, read: (root: string) => unknown, schema: v.GenericSchema) {
  return fuzz(target, () => {
    const set = machines();
    return {
      inputs: fc.record({ which: fc.nat(set.count - 1), changed: changes }),
      take({ which, changed }) {
        const value = set.with(which, changed, read);
        const { issues } = v.safeParse(schema, value);
        assert.deepEqual(
          issues?.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`),
          undefined,
        );
        assert.ok(encode(value).length < dataFrameMax - 1024, 'fits a frame');
        return recordings[which]!;
      },
      [Symbol.asyncDispose]: () => set[Symbol.asyncDispose](),
    };
  });
}

function readSample(root: string): unknown {
  let now = 0;
  const sampler = new Sampler({ root, now: () => (now += 1000) });
  return { number: 1, at: 0, ...sampler.sample() };
}

it('samples of a machine whose files say anything keep to their schema and fit a frame', async () => {
  const outcomes = await fuzzMachines('/proc and /sys, samples', readSample, sampleSchema);
  expect(Object.keys(outcomes).toSorted()).toEqual(recordings.toSorted());
});

it('facts of a machine whose files say anything keep to their schema and fit a frame', async () => {
  const outcomes = await fuzzMachines(
    '/proc and /sys, facts',
    (root) => readFacts(root, { version: '1' }),
    factsSchema,
  );
  expect(Object.keys(outcomes).length).toBeGreaterThan(2);
});
