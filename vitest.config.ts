import { defineConfig } from 'vitest/config';

const second = 1000;
const minute = 60 * second;

// One project a folder of tests/. What opens sockets, starts services, a browser or containers runs one file at a time, and has a
// second try: on a busy machine a process can miss what it has seconds for. The report names what needed it.
function suite(name: string, timeoutMs: number, fileParallelism: boolean) {
  return {
    test: {
      name,
      include: [`tests/${name}/**/*.test.ts`],
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      fileParallelism,
      retry: fileParallelism ? 0 : 1,
    },
  };
}

export default defineConfig({
  test: {
    projects: [
      suite('unit', 10 * second, true),
      suite('vectors', minute, true),
      suite('wycheproof', minute, true),
      suite('fuzz', process.env['FUZZ_RUNS'] ? 60 * minute : minute, true),
      suite('init', minute, true),
      suite('integration', minute, false),
      suite('attacks', minute, false),
      suite('page', minute, false),
      suite('containers', 10 * minute, false),
    ],
  },
});
