import { defineConfig } from 'vitest/config';

const second = 1000;
const minute = 60 * second;

/**
 * What measures times, or builds dist/ anew, is a project of its own, `<suite>-alone`: scripts/test runs those when nothing else runs,
 * one file after another.
 */
const alone: Readonly<Record<string, string[]>> = {
  integration: [
    'demo',
    'flood-of-joins',
    'held-shares',
    'join-rate',
    'relay-strangers',
    'removal',
    'transport-bounds',
    'transport-memory',
    'transport-process',
  ],
  attacks: [
    'joining/17-tampered-rsa',
    'messages/34-revoked-node-that-stays-connected',
    'messages/37-node-that-floods',
    'transport/08-half-open-and-greeting-floods',
    'web/40-brute-force-at-sign-in',
  ],
};

interface Suite {
  name: string;
  timeoutMs: number;
  include?: string[];
  exclude?: string[];
  /** Files at a time. */
  workers?: number;
  /** Whether each file has modules of its own. */
  isolate?: boolean;
  retry?: number;
}

function suite({ name, timeoutMs, include = [`tests/${name}/**/*.test.ts`], workers = 2, ...more }: Suite) {
  const timeouts = { testTimeout: timeoutMs, hookTimeout: timeoutMs };
  return { test: { name, include, maxWorkers: workers, ...timeouts, ...more } };
}

/**
 * What opens sockets, starts services, a browser or containers mostly waits, and has a second try: on a busy machine a process can miss
 * what it has seconds for. The end of a run names what needed it.
 */
function waiting(name: string, timeoutMs: number, workers = 2) {
  const files = (alone[name] ?? []).map((file) => `tests/${name}/${file}.test.ts`);
  const most = suite({ name, timeoutMs, retry: 1, exclude: files, workers });
  if (files.length === 0) return [most];
  return [most, suite({ name: `${name}-alone`, timeoutMs, retry: 1, include: files, workers: 1 })];
}

const fuzzMs = process.env['FUZZ_RUNS'] ? 60 * minute : minute;
const projects = [
  suite({ name: 'unit', timeoutMs: 10 * second }),
  suite({ name: 'vectors', timeoutMs: minute, isolate: false }),
  suite({ name: 'wycheproof', timeoutMs: minute, isolate: false }),
  suite({ name: 'fuzz', timeoutMs: fuzzMs, isolate: false }),
  suite({ name: 'init', timeoutMs: minute }),
  ...waiting('integration', minute),
  ...waiting('attacks', minute),
  ...waiting('page', minute),
  // Each of its files has a fleet of its own.
  ...waiting('containers', 10 * minute, 1),
];

// One project after another, where vitest is asked for several.
export default defineConfig({
  test: {
    projects: projects.map(({ test }, index) => ({ test: { ...test, sequence: { groupOrder: index + 1 } } })),
  },
});
