// The files of the Wycheproof project (C2SP/wycheproof, testvectors_v1). They are no part of this one: they lie in the folder
// that WYCHEPROOF_DIR names, or else in shared/wycheproof beside the project's.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach } from 'vitest';

const folder = process.env['WYCHEPROOF_DIR'] || join(import.meta.dirname, '../../../shared/wycheproof');

/** Without the folder nothing of a file of tests is run, and each test says so; scripts/test does too. */
export function needVectors(): void {
  beforeEach(({ skip }) =>
    skip(!existsSync(folder), 'the folder of Wycheproof’s vectors is not there: set WYCHEPROOF_DIR'),
  );
}

export interface Case {
  tcId: number;
  comment?: string;
  flags?: string[];
  result: 'valid' | 'acceptable' | 'invalid';
}

/** Each test of a file, and with it what its group says. The types are what the file is known to hold. */
export function readCases<Test extends Case>(file: string): (Test & { group: unknown })[] {
  const text = readFileSync(join(folder, `${file}_test.json`), 'utf8');
  const { numberOfTests, testGroups } = JSON.parse(text) as { numberOfTests: number; testGroups: { tests: Test[] }[] };
  const cases = testGroups.flatMap((group) => group.tests.map((test) => ({ ...test, group })));
  if (cases.length !== numberOfTests) throw new Error(`${file}: says ${numberOfTests} tests and holds ${cases.length}`);
  return cases;
}

export function fromHex(digits: string): Buffer {
  return Buffer.from(digits, 'hex');
}

/**
 * Judges each case, and tells the first that fails by its number.
 * @param judge gives what the case is counted as: how it ended, or why it does not apply
 * @returns how many cases ended how: a test that asserts them sees a run of nothing
 */
export function tally<Test extends Case>(cases: Test[], judge: (test: Test) => string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const test of cases) {
    try {
      const outcome = judge(test);
      counts[outcome] = (counts[outcome] ?? 0) + 1;
    } catch (cause) {
      const flags = (test.flags ?? []).join(', ');
      throw new Error(`test ${test.tcId} (${test.result}; ${flags}; ${test.comment ?? ''}) failed`, { cause });
    }
  }
  return counts;
}
