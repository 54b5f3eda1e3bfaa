// Adds up a run of scripts/test: names each test that failed, or passed at the second try alone, with the first lines of why, since by
// then the reason is far above, and prints the one line that it ends with; exits 1 if anything failed.
// Usage: test-totals.ts FOLDER, which holds
//   checks       a line `<name> passed|failed` for each check
//   suites       a line `<name> <exit code>|skipped` for each suite, in whatever order they ended
//   <name>.json  vitest's JSON report, or for a skipped suite the list of its tests
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

interface Report {
  testResults: {
    name: string;
    status: string;
    message: string;
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[];
  }[];
}

const reasonLines = 3;

function isReport(json: unknown): json is Report {
  return typeof json === 'object' && json !== null && 'testResults' in json && Array.isArray(json.testResults);
}

const folder = process.argv[2];
if (folder === undefined) throw new Error('usage: test-totals.ts FOLDER');

const totals = { passed: 0, failed: 0, skipped: 0 };
const faults: string[] = [];
const reasons: string[] = [];

function lines(file: string): [string, string][] {
  return readFileSync(join(folder ?? '', file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']);
}

function readJson(name: string): unknown {
  try {
    return JSON.parse(readFileSync(join(folder ?? '', `${name}.json`), 'utf8'));
  } catch {
    return undefined;
  }
}

function fail(fault: string, count = 1): void {
  totals.failed += count;
  faults.push(fault);
}

function reason(name: string, text: string): void {
  const head = text.split('\n').slice(0, reasonLines);
  reasons.push([name, ...head.map((line) => `  ${line}`)].join('\n'));
}

function addSkipped(name: string): void {
  const tests = readJson(name);
  if (!Array.isArray(tests)) fail(`${name}: vitest could not list its tests`);
  else if (tests.length === 0) fail(`${name}: there are no tests in tests/${name}`);
  else totals.skipped += tests.length;
}

function addSuite(name: string, exitCode: string): void {
  const report = readJson(name);
  if (!isReport(report)) return fail(`${name}: vitest ended with ${exitCode} and left no report`);
  const statuses = report.testResults.flatMap((file) => file.assertionResults.map((test) => test.status));
  const passed = statuses.filter((status) => status === 'passed').length;
  const failed = statuses.filter((status) => status === 'failed').length;
  // A file that fails outside its tests (an import, a hook of the file) reports no failed test of its own.
  const brokenFiles = report.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  ).length;
  for (const file of report.testResults) {
    for (const { status, fullName, failureMessages } of file.assertionResults) {
      const title = status === 'failed' ? `${name}: ${fullName}` : `at the second try: ${name}: ${fullName}`;
      // One that passed keeps what it failed with before.
      if (failureMessages.length > 0) reason(title, failureMessages.join('\n'));
    }
    if (file.message !== '' && file.status === 'failed') reason(`${name}: ${file.name}`, file.message);
  }
  totals.passed += passed;
  totals.skipped += statuses.length - passed - failed;
  if (failed > 0) fail(`${name}: ${failed} of ${statuses.length} tests failed`, failed);
  if (brokenFiles > 0) fail(`${name}: ${brokenFiles} files failed outside their tests`, brokenFiles);
  if (failed + brokenFiles > 0) return;
  if (passed === 0) fail(`${name}: no test ran`);
  else if (exitCode !== '0') fail(`${name}: every test passed, but vitest ended with ${exitCode}`);
}

for (const [name, outcome] of lines('checks')) {
  if (outcome === 'passed') totals.passed += 1;
  else fail(`${name}: failed`);
}
for (const [name, outcome] of lines('suites')) {
  if (outcome === 'skipped') addSkipped(name);
  else addSuite(name, outcome);
}
// A run of nothing proves nothing.
if (totals.passed + totals.failed === 0) fail('nothing ran');

for (const text of reasons) console.log(`\n${text}`);
if (reasons.length > 0) console.log('');
for (const fault of faults) console.log(`failed: ${fault}`);
console.log(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped`);
process.exitCode = totals.failed > 0 ? 1 : 0;
