import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { openSpool, type Spool } from '../../../services/node/src/spool.ts';
import { clockAt, harvestOf, StateFolder } from './state-folder.ts';

const limits = { maxBytes: 64e6, maxAgeMs: 1e9 };

type Step =
  | { do: 'append'; count: number }
  | { do: 'flush' }
  | { do: 'stop' }
  | { do: 'confirm'; share: number }
  /** `cut` bytes of the newest file are not whole, as in the middle of a write. */
  | { do: 'crash'; cut: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant('append' as const), count: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 2, arbitrary: fc.constant({ do: 'flush' as const }) },
  { weight: 2, arbitrary: fc.constant({ do: 'stop' as const }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('confirm' as const), share: fc.double({ min: 0, max: 1, noNaN: true }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), cut: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('crash' as const), cut: fc.nat(2000) }) },
);

/** A spool, and beside it what it should hold, told in the simplest way. */
class Trial {
  readonly #folder: string;
  #spool: Spool;
  #tag = 0;
  #last = 0;
  #written: number[] = [];
  #waiting: number[] = [];
  #confirmed = 0;

  constructor(folder: string) {
    this.#folder = folder;
    this.#spool = openSpool(folder, limits);
  }

  /** What is wrong after a step; nothing should be. */
  take(next: Step): string[] {
    const faults = this.#do(next);
    const found = numbersOf(this.#spool);
    if (!same(found, [...this.#written, ...this.#waiting])) faults.push(`holds ${found.join()}`);
    if (this.#spool.size !== found.length) faults.push('miscounts');
    return faults;
  }

  #do(next: Step): string[] {
    if (next.do === 'append') return Array.from({ length: next.count }, () => this.#append()).flat();
    if (next.do === 'confirm') return this.#confirm(Math.floor(this.#last * next.share));
    if (next.do === 'crash') {
      this.#waiting = [];
      return this.#start(next.cut);
    }
    if (next.do === 'flush') this.#spool.flush();
    else this.#spool.close();
    this.#write();
    return next.do === 'stop' ? this.#start(0) : [];
  }

  #append(): string[] {
    this.#tag += 1;
    const number = this.#spool.append(harvestOf(this.#tag), clockAt(this.#tag));
    const again = number <= this.#last;
    this.#last = number;
    this.#waiting.push(number);
    if (this.#waiting.length > 10) this.#write(); // a second each, and none waits longer than ten
    return again ? [`gives ${number} again`] : [];
  }

  #write(): void {
    this.#written.push(...this.#waiting);
    this.#waiting = [];
  }

  #confirm(through: number): string[] {
    this.#spool.confirm(through);
    this.#confirmed = Math.max(this.#confirmed, through);
    this.#written = this.#written.filter((number) => number > through);
    this.#waiting = this.#waiting.filter((number) => number > through);
    return [];
  }

  #start(cut: number): string[] {
    const newest = readdirSync(join(this.#folder, 'spool'))
      .filter((name) => name.endsWith('.v1'))
      .toSorted()
      .at(-1);
    if (newest !== undefined) {
      const path = join(this.#folder, 'spool', newest);
      truncateSync(path, Math.max(statSync(path).size - cut, 0));
    }
    this.#spool = openSpool(this.#folder, limits);
    this.#spool.confirm(this.#confirmed); // of that something may come again
    const found = numbersOf(this.#spool);
    const whole = cut > 0 || found.length === this.#written.length;
    const prefix = same(found, this.#written.slice(0, found.length));
    this.#written = found;
    return whole && prefix ? [] : [`starts with ${found.join()}`];
  }
}

function numbersOf(spool: Spool): number[] {
  return spool.oldest(Infinity, Infinity).map(({ number }) => number);
}

function same(a: number[], b: number[]): boolean {
  return a.join() === b.join();
}

test('whatever happens, samples stay in order, no number comes twice, and a crash costs only what was not written', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      using state = new StateFolder();
      const trial = new Trial(state.path);
      expect(steps.flatMap((next) => trial.take(next))).toEqual([]);
    }),
    { numRuns: 60 },
  );
});
