import { describe, expect, it } from 'vitest';
import * as fc from 'fast-check';
import { ReplayWindow } from '@sealcast/channel/replay-window';

const table: { name: string; taken: number[]; sequence: number; accepted: boolean }[] = [
  { name: 'takes the first', taken: [], sequence: 1, accepted: true },
  { name: 'takes the next', taken: [1], sequence: 2, accepted: true },
  { name: 'refuses what it took', taken: [1], sequence: 1, accepted: false },
  { name: 'refuses what it took before others', taken: [1, 2, 3], sequence: 2, accepted: false },
  { name: 'takes one that was skipped', taken: [1, 3], sequence: 2, accepted: true },
  { name: 'takes the oldest inside', taken: [1024], sequence: 1, accepted: true },
  { name: 'refuses the youngest behind', taken: [1025], sequence: 1, accepted: false },
  { name: 'takes the one above the youngest behind', taken: [1025], sequence: 2, accepted: true },
  { name: 'refuses what it took at the edge', taken: [2, 1025], sequence: 2, accepted: false },
  { name: 'keeps the edge inside a word', taken: [1055], sequence: 32, accepted: true },
  { name: 'refuses behind the edge inside a word', taken: [1055], sequence: 31, accepted: false },
  { name: 'forgets nothing by moving less than a window', taken: [31, 32, 33, 1054], sequence: 31, accepted: false },
  { name: 'takes what a far jump left out', taken: [1, 5000], sequence: 4999, accepted: true },
  { name: 'keeps what came before a jump of one word', taken: [100, 132], sequence: 100, accepted: false },
  { name: 'does not take an old bit of the ring for a new one', taken: [1, 1057], sequence: 1056, accepted: true },
  { name: 'forgets the bits of the word that it starts anew', taken: [1, 1058], sequence: 1057, accepted: true },
  { name: 'forgets the bits of the words that it leaps over', taken: [1, 65, 2100], sequence: 1121, accepted: true },
  { name: 'has no trouble above 32 bits', taken: [2 ** 40], sequence: 2 ** 40 - 1, accepted: true },
  { name: 'refuses a repetition above 32 bits', taken: [2 ** 40, 2 ** 40 + 1], sequence: 2 ** 40, accepted: false },
  { name: 'takes the last of all', taken: [1], sequence: Number.MAX_SAFE_INTEGER, accepted: true },
];

describe('the replay window', () => {
  it.each(table)('$name', ({ taken, sequence, accepted }) => {
    const window = new ReplayWindow();
    for (const earlier of taken) expect(window.take(earlier)).toBe(true);
    expect(window.isFresh(sequence)).toBe(accepted);
    expect(window.take(sequence)).toBe(accepted);
    expect(window.highest).toBe(accepted ? Math.max(0, ...taken, sequence) : Math.max(0, ...taken));
  });

  it('does what a list of everything taken would do', () => {
    const steps = fc.array(fc.oneof(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 100 })), {
      maxLength: 300,
    });
    fc.assert(
      fc.property(steps, (sequences) => {
        const window = new ReplayWindow();
        const taken = new Set<number>();
        for (const sequence of sequences) {
          const highest = Math.max(0, ...taken);
          const fresh = !taken.has(sequence) && sequence > highest - 1024;
          expect(window.take(sequence)).toBe(fresh);
          if (fresh) taken.add(sequence);
        }
      }),
    );
  });
});
