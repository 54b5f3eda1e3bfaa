// pino's transports run in threads of their own. None is used here, and what they need would be loaded at every start: threads,
// source maps, assert, a megabyte and a half of each process.
import type { Plugin } from 'esbuild';

export const pinoWithoutTransports: Plugin = {
  name: 'pino-without-transports',
  setup(build) {
    build.onLoad({ filter: /[\\/]pino[\\/]lib[\\/]transport\.js$/ }, () => ({
      contents: "module.exports = () => { throw new Error('this bundle has no transports of pino') };",
      loader: 'js',
    }));
    // The threads in the bundle mean that the file above has moved.
    build.onResolve({ filter: /^thread-stream$/ }, () => ({
      errors: [
        { text: "pino's transports would be bundled: scripts/pino-without-transports.ts no longer matches their file" },
      ],
    }));
  },
};
