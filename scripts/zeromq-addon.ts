// zeromq finds its native addon through a manifest in node_modules, which a bundle has not. In a bundle the addon
// of each architecture lies beside main.cjs as zeromq-<arch>.node, and is opened from there.
import { copyFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

const architectures = ['x64', 'arm64'];

const openBesideMain = `
import { existsSync } from 'node:fs';
const file = import.meta.dirname + '/zeromq-' + process.arch + '.node';
if (!existsSync(file)) throw new Error('no native addon for this machine (' + process.arch + '): ' + file + ' is missing');
const addon = { exports: {} };
process.dlopen(addon, file);
export default addon.exports;
`;

export const zeromqAddon: Plugin = {
  name: 'zeromq-addon',
  setup(build) {
    build.onLoad({ filter: /[\\/]zeromq[\\/]lib[\\/]load-addon\.js$/ }, () => ({
      contents: openBesideMain,
      loader: 'js',
    }));
    // zeromq's own loader in the bundle means that the file above has moved: that bundle would fail at its start.
    build.onResolve({ filter: /^cmake-ts\b/ }, () => ({
      errors: [
        { text: "zeromq's own addon loader would be bundled: scripts/zeromq-addon.ts no longer matches its file" },
      ],
    }));
  },
};

/** Copies the glibc addon of every architecture from `zeromqFolder` to `outdir`, picked as zeromq's loader does. */
export function copyAddons(zeromqFolder: string, outdir: string): void {
  const manifest: unknown = JSON.parse(readFileSync(join(zeromqFolder, 'build/manifest.json'), 'utf8'));
  if (typeof manifest !== 'object' || manifest === null) throw new TypeError("zeromq's manifest is not an object");
  // Each key is itself JSON and says what the addon was built for; each value is its path.
  const addons = Object.entries(manifest).map(([key, path]) => ({ ...JSON.parse(key), path: String(path) }));
  for (const arch of architectures) {
    const newest = addons
      .filter((addon) => addon.os === 'linux' && addon.libc === 'glibc' && addon.arch === arch)
      .toSorted((a, b) => b.abi - a.abi)[0];
    if (newest === undefined) throw new Error(`zeromq has no addon for linux ${arch} with glibc`);
    copyFileSync(join(zeromqFolder, 'build', newest.path), join(outdir, `zeromq-${arch}.node`));
  }
}
