import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { openStore } from '../../../../services/master/src/store/store.ts';
import { samplesIn } from '../../../../services/master/src/store/samples.ts';
import { facts, sample } from '../sample.ts';
import { enrolled, hex, scratchStore } from './scratch-store.ts';

const disk = (free: number) => ({ mount: '/', device: 'sda1', type: 'ext4', total: 1000, free });

const long = (number: number) =>
  sample(number, number * 1000, { temperatures: [{ name: 'x'.repeat(9000), celsius: 40 + number }] });

function oneNode() {
  const scratch = scratchStore();
  const id = enrolled(scratch.store, '1');
  const { samples, roster } = scratch.store;
  return { ...scratch, id, samples, roster, store: scratch.store, [Symbol.dispose]: () => scratch[Symbol.dispose]() };
}

test('a number that is there already stays as it is', () => {
  using node = oneNode();
  node.samples.insert([{ node: node.id, samples: [sample(1, 1000, { cpu: 1 }), sample(2, 2000)] }]);
  node.samples.insert([{ node: node.id, samples: [sample(1, 1000, { cpu: 99 }), sample(3, 3000)] }]);
  expect(node.samples.history(node.id, 0, 10_000, 100)).toMatchObject({ at: [1000, 2000, 3000], cpu: [1, 12.5, 12.5] });
});

test('through is the highest number on disk, also where an old one comes late', () => {
  using node = oneNode();
  expect(node.samples.through(node.id)).toBe(0);
  node.samples.insert([{ node: node.id, samples: [sample(5, 5000)] }]);
  node.samples.insert([{ node: node.id, samples: [sample(2, 2000)] }]);
  node.samples.insert([{ node: node.id, samples: [] }]);
  expect(node.samples.through(node.id)).toBe(5);
});

test('the newest is the one with the highest number', () => {
  using node = oneNode();
  expect(node.samples.newest(node.id)).toBeNull();
  node.samples.insert([{ node: node.id, samples: [sample(9, 1000), sample(10, 900)] }]);
  expect(node.samples.newest(node.id)).toEqual(sample(10, 900));
});

test('a batch with a node that is not in the roster is not written at all', () => {
  using node = oneNode();
  const batch = [node.id, hex('f', 32)].map((id) => ({ node: id, samples: [sample(1, 1000)] }));
  expect(() => node.samples.insert(batch)).toThrow('not in the roster');
  expect(node.samples.through(node.id)).toBe(0);
  expect(node.samples.newest(node.id)).toBeNull();
});

test('a sample above every size is left out, and the others of the batch are kept', () => {
  using node = oneNode();
  const huge = sample(2, 2000, { temperatures: [{ name: 'x'.repeat(2 ** 20), celsius: 1 }] });
  node.samples.insert([{ node: node.id, samples: [sample(1, 1000), huge] }]);
  expect(node.samples.newest(node.id)?.number).toBe(1);
  expect(node.samples.through(node.id)).toBe(2);
});

test('the largest numbers that the protocol allows are kept as they are', () => {
  using node = oneNode();
  const most = Number.MAX_SAFE_INTEGER;
  const large = sample(most, most, { uptime: most, memory: { total: most, available: 0 }, load: [1e15, 1e15, 1e15] });
  node.samples.insert([{ node: node.id, samples: [large] }]);
  node.roster.setFacts(node.id, { ...facts, memory: most, boot: most });
  expect(node.samples.newest(node.id)).toEqual(large);
  expect(node.samples.through(node.id)).toBe(most);
  expect(node.samples.history(node.id, 0, most, 10)).toMatchObject({ at: [] });
});

test('each sample is one point where there is room for all of them', () => {
  using node = oneNode();
  node.samples.insert([{ node: node.id, samples: [1, 2, 3].map((number) => sample(number, number * 5000)) }]);
  expect(node.samples.history(node.id, 0, 60_000, 600)).toEqual({
    at: [5000, 10_000, 15_000],
    cpu: [12.5, 12.5, 12.5],
    memory: [25, 25, 25],
    swap: [null, null, null],
    disk: [60, 60, 60],
    received: [100, 100, 100],
    sent: [200, 200, 200],
    read: [10, 10, 10],
    written: [20, 20, 20],
    temperature: [51.5, 51.5, 51.5],
    load: [0.5, 0.5, 0.5],
  });
});

test('a point is the average of its slice, and the highest where an average would hide what is hot or full', () => {
  using node = oneNode();
  const samples = [
    sample(1, 1000, { cpu: 10, temperatures: [{ name: 'cpu', celsius: 80 }], disks: [disk(900)] }),
    sample(2, 2000, { cpu: 20, temperatures: [], disks: [disk(500), disk(100)] }),
    sample(3, 10_000, { cpu: 70 }),
    sample(4, 11_000, { cpu: 80 }),
  ];
  node.samples.insert([{ node: node.id, samples }]);
  expect(node.samples.history(node.id, 0, 20_000, 2)).toMatchObject({
    at: [1500, 10_500],
    cpu: [15, 75],
    temperature: [80, 51.5],
    disk: [90, 60],
  });
});

test('what a machine does not tell is null', () => {
  using node = oneNode();
  const bare = { io: [], interfaces: [], temperatures: [], disks: [], memory: { total: 0, available: 0 } };
  node.samples.insert([{ node: node.id, samples: [sample(1, 1000, bare)] }]);
  const none = [null];
  expect(node.samples.history(node.id, 0, 2000, 10)).toMatchObject({
    memory: none,
    disk: none,
    received: none,
    sent: none,
    read: none,
    written: none,
    temperature: none,
  });
});

test('more free than there is counts as none used', () => {
  using node = oneNode();
  node.samples.insert([{ node: node.id, samples: [sample(1, 1000, { memory: { total: 10, available: 20 } })] }]);
  expect(node.samples.history(node.id, 0, 2000, 10).memory).toEqual([0]);
});

test('a history has no more points than asked for, and starts and ends where asked', () => {
  using node = oneNode();
  const samples = Array.from({ length: 1000 }, (_, index) => sample(index + 1, index * 1000));
  node.samples.insert([{ node: node.id, samples }]);
  for (const points of [1, 7, 100, 999]) {
    const { at } = node.samples.history(node.id, 100_000, 900_000, points);
    expect(at.length).toBeLessThanOrEqual(points);
    expect(at[0]).toBeGreaterThanOrEqual(100_000);
    expect(at.at(-1)).toBeLessThan(900_000);
  }
});

test('samples of other nodes stay out of a history', () => {
  using node = oneNode();
  const other = enrolled(node.store, '2');
  node.samples.insert([{ node: other, samples: [sample(1, 1000)] }]);
  expect(node.samples.history(node.id, 0, 2000, 10).at).toEqual([]);
  expect(node.samples.history(hex('f', 32), 0, 2000, 10).at).toEqual([]);
});

test('a history is read from the index alone', () => {
  using node = oneNode();
  const database = new DatabaseSync(node.file, { readOnly: true });
  const plan = database
    .prepare(
      'EXPLAIN QUERY PLAN SELECT at, avg(cpu), max(temperature) FROM samples WHERE node = 1 AND at >= 0 AND at < 9',
    )
    .all();
  database.close();
  expect(plan.map(({ detail }) => detail)).toEqual([
    'SEARCH samples USING COVERING INDEX samples_at (node=? AND at>? AND at<?)',
  ]);
});

test('what is too old is pruned, but for the newest sample of each node', () => {
  using node = oneNode();
  const silent = enrolled(node.store, '2');
  node.samples.insert([
    { node: node.id, samples: [sample(1, 1000), sample(2, 2000), sample(3, 3000)] },
    { node: silent, samples: [sample(1, 500), sample(2, 600)] },
  ]);
  expect(node.samples.prune(2500)).toBe(3);
  expect(node.samples.history(node.id, 0, 10_000, 100).at).toEqual([3000]);
  expect(node.samples.newest(silent)?.number).toBe(2);
  expect(node.samples.through(silent)).toBe(2);
});

test('of a node no more samples are kept than its share, and those are the newest', () => {
  using node = oneNode();
  const bounded = openStore(node.file, { samplesPerNode: 3 });
  const other = enrolled(bounded, '2');
  bounded.samples.insert([{ node: other, samples: [sample(1, 1000)] }]);
  const flood = Array.from({ length: 64 }, (_, index) => sample(index + 1, 1000 + index));
  bounded.samples.insert([{ node: node.id, samples: flood }]);
  expect(bounded.samples.history(node.id, 0, 9000, 9000).at).toEqual([1061, 1062, 1063]);
  bounded.samples.insert([{ node: node.id, samples: [sample(2, 2000), sample(65, 2001)] }]);
  expect(bounded.samples.history(node.id, 0, 9000, 9000).at).toEqual([1062, 1063, 2001]);
  bounded.samples.insert([{ node: node.id, samples: [sample(Number.MAX_SAFE_INTEGER, 3000)] }]);
  expect(bounded.samples.history(node.id, 0, 9000, 9000).at).toEqual([3000]);
  expect(bounded.samples.history(other, 0, 9000, 100).at).toEqual([1000]);
  bounded.close();
});

test('a share is what a node takes in the time at its shortest interval', () => {
  expect(samplesIn(24)).toBe(86_400);
});

test('what a long sample says is kept while it is the newest; later its values for charts stay', () => {
  using node = oneNode();
  node.samples.insert([{ node: node.id, samples: [long(1), long(2)] }]);
  expect(node.samples.newest(node.id)).toEqual(long(2));
  node.samples.insert([{ node: node.id, samples: [long(3)] }]);
  expect(node.samples.newest(node.id)).toEqual(long(3));
  expect(node.samples.history(node.id, 0, 9000, 10)).toMatchObject({
    at: [1000, 2000, 3000],
    temperature: [41, 42, 43],
  });
  const database = new DatabaseSync(node.file, { readOnly: true });
  const lengths = database.prepare('SELECT length(body) AS length FROM samples ORDER BY number').all();
  database.close();
  expect(lengths.map(({ length }) => Number(length) > 0)).toEqual([false, false, true]);
});

test('where nothing is kept of what the newest samples say, the newest that is whole is told', () => {
  using node = oneNode();
  const huge = sample(3, 3000, { temperatures: [{ name: 'x'.repeat(2 ** 20), celsius: 1 }] });
  for (const one of [sample(1, 1000), long(2), huge]) node.samples.insert([{ node: node.id, samples: [one] }]);
  expect(node.samples.newest(node.id)?.number).toBe(1);
});

test('samples of a node are erased some at a time, and of no other', () => {
  using node = oneNode();
  const other = enrolled(node.store, '2');
  const samples = [1, 2, 3].map((number) => sample(number, number * 1000));
  node.samples.insert([node.id, other].map((id) => ({ node: id, samples })));
  expect([2, 2, 2].map((limit) => node.samples.erase(node.id, limit))).toEqual([2, 1, 0]);
  expect(node.samples.newest(node.id)).toBeNull();
  expect(node.samples.history(other, 0, 9000, 10).at).toEqual([1000, 2000, 3000]);
});

test('a node is set back to its own newest sample, or to what was there before', () => {
  using node = oneNode();
  const other = enrolled(node.store, '2');
  const take = (id: string, ...numbers: number[]) =>
    node.samples.insert([{ node: id, samples: numbers.map((number) => sample(number, number)) }]);
  take(node.id, 1, 2, 1025, 1026, 3);
  take(other, 5000);
  node.samples.rewind(node.id, 2, 900);
  expect([node.samples.through(node.id), node.samples.newest(node.id)?.number]).toEqual([3, 3]);
  take(node.id, 1027);
  node.samples.rewind(node.id, 2, 0);
  expect([node.samples.through(node.id), node.samples.newest(node.id)?.number]).toEqual([2, 2]);
  expect(node.samples.through(other)).toBe(5000);
});
