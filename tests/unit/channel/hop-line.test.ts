import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isZero } from '@sealcast/channel/bytes';
import { formatHop, parseHop } from '@sealcast/channel/hop-line';
import { refusalOf } from './parties.ts';

const port = fc.integer({ min: 1, max: 65_535 });
const key = fc.uint8Array({ minLength: 32, maxLength: 32 }).filter((bytes) => !isZero(bytes));
const hops = fc.record(
  {
    host: fc.stringMatching(/^[a-z0-9.:-]{1,64}$/),
    data: fc.tuple(port, port),
    join: fc.tuple(port, port),
    curve: key,
    up: key,
  },
  { requiredKeys: ['host', 'data', 'join', 'curve'], noNullPrototype: true },
);

test('a hop line reads back as it was written, also between white space', () => {
  fc.assert(
    fc.property(hops, (hop) => {
      const line = formatHop(hop);
      expect(line).toMatch(/^sealcast-hop1:[\w-]+$/);
      expect(parseHop(` \n${line}\r\n`)).toEqual(hop);
    }),
    { numRuns: 50 },
  );
});

test('a hop line with any one character changed is refused', () => {
  const line = formatHop({ host: 'relay', data: [1, 2], join: [3, 4], curve: new Uint8Array(32).fill(7) });
  const survivors = Array.from(line, (letter, at) => {
    const other = letter === 'A' ? 'B' : 'A';
    return refusalOf(() => parseHop(line.slice(0, at) + other + line.slice(at + 1)));
  }).filter((code) => code !== 'hop.malformed');
  expect(survivors).toEqual([]);
});

test('what is no hop is not written', () => {
  const hop = { host: 'relay', data: [1, 2] as [number, number], join: [3, 4] as [number, number] };
  expect(() => formatHop({ ...hop, curve: new Uint8Array(32) })).toThrow(/^body: curve: /);
  expect(() => formatHop({ ...hop, curve: new Uint8Array(31).fill(1) })).toThrow(/^body: curve: /);
});
