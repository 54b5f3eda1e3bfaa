// What the packages of a node, and of a relay, bring along and neither ever calls: V8 keeps the source of a bundle and an object for each of its
// functions, which is some three bytes of memory for each byte of source.
import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

// envalid is compiled to ES5, and its require() of tslib would bring all of that in.
const tslib = `
export const __assign = Object.assign;
export const __extends = (derived, base) => {
  Object.setPrototypeOf(derived, base);
  derived.prototype = Object.create(base.prototype, {
    constructor: { value: derived, writable: true, configurable: true },
  });
};
export const __exportStar = (from, to) => {
  for (const name of Object.keys(from))
    if (name !== 'default' && !Object.hasOwn(to, name))
      Object.defineProperty(to, name, { enumerable: true, get: () => from[name] });
};
`;
const tslibHas = new Set([...tslib.matchAll(/^export const (\w+)/gm)].map(([, name]) => name));

// pino knows HTTP requests and responses by themselves; neither serves any.
const asItIs = 'exports.mapHttpRequest = exports.mapHttpResponse = (value) => value;';

// The log writes to standard output by itself.
const noDestinations = `
module.exports = class { constructor() { throw new Error('this bundle has no destinations of pino'); } };
`;

const notNeeded: [file: RegExp, instead: string][] = [
  [/[\\/]tslib[\\/]tslib\.es6\.mjs$/, tslib],
  [/[\\/]pino[\\/]lib[\\/]multistream\.js$/, 'module.exports = undefined;'],
  [/[\\/]sonic-boom[\\/]index\.js$/, noDestinations],
  [/[\\/]on-exit-leak-free[\\/]index\.js$/, 'module.exports = {};'],
  [/[\\/]pino-std-serializers[\\/]lib[\\/]re[qs]\.js$/, asItIs],
];

export const leanNode: Plugin = {
  name: 'lean-node',
  setup(build) {
    const replaced = new Set<string>();
    for (const [filter, contents] of notNeeded)
      build.onLoad({ filter }, () => {
        replaced.add(contents);
        return { contents, loader: 'js' };
      });
    build.onLoad({ filter: /[\\/]envalid[\\/]dist[\\/]\w+\.js$/ }, ({ path }) => {
      const contents = readFileSync(path, 'utf8');
      const missing = [...contents.matchAll(/\btslib_1\.(\w+)/g)].find(([, name]) => !tslibHas.has(name));
      return missing === undefined
        ? { contents, loader: 'js' }
        : { errors: [{ text: `envalid calls ${missing[0]}, which scripts/lean-node.ts has not` }] };
    });
    build.onEnd(() => ({
      errors: notNeeded
        .filter(([, contents]) => !replaced.has(contents))
        .map(([filter]) => ({
          text: `no bundled file is ${filter.source}: scripts/lean-node.ts no longer matches it`,
        })),
    }));
  },
};
