// pino's transports run in threads of their own. None is used here, and what they need would be loaded at every start: threads,
// source maps, the whole of assert; two megabytes of each process.
import type { Plugin } from 'esbuild';

const replacements: Record<string, string> = {
  transport: "module.exports = () => { throw new Error('this bundle has no transports of pino') };",
  worker_threads: 'module.exports = { isMainThread: true };',
  assert:
    'module.exports = (holds, message) => { if (!holds) throw message instanceof Error ? message : new Error(message) };',
};

export const leanPino: Plugin = {
  name: 'lean-pino',
  setup(build) {
    build.onLoad({ filter: /[\\/]pino[\\/]lib[\\/]transport\.js$/ }, () => ({
      contents: replacements['transport'] ?? '',
    }));
    build.onResolve({ filter: /^(worker_threads|assert)$/ }, ({ path, importer }) =>
      /[\\/](pino|sonic-boom)[\\/]/.test(importer) ? { path, namespace: 'lean-pino' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'lean-pino' }, ({ path }) => ({ contents: replacements[path] ?? '' }));
    // The threads in the bundle mean that transport.js has moved.
    build.onResolve({ filter: /^thread-stream$/ }, () => ({
      errors: [{ text: "pino's transports would be bundled: scripts/lean-pino.ts no longer matches their file" }],
    }));
  },
};
