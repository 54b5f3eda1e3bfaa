// Builds what ships into dist/: one bundle a service with zeromq's native addons beside it, the command line, and the dashboard.
// `npm run build` builds everything, `npm run build -- node dashboard` the named parts only.
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import { leanNode } from './lean-node.ts';
import { leanPino } from './lean-pino.ts';
import { copyAddons, zeromqAddon } from './zeromq-addon.ts';

const root = join(import.meta.dirname, '..');

const services = ['master', 'init', 'node', 'relay', 'cli'];
/** What a service starts as processes of their own, beside its main program. */
const programs: Readonly<Record<string, Record<string, string>>> = { master: { transport: 'transport/process.ts' } };
const parts = [...services, 'dashboard'];
// Where memory and disk are scarce, bundles are minified and lean; elsewhere readable stack traces are worth more.
const small = new Set(['node', 'relay']);
/** Started by its own name, and has no sockets of ZeroMQ. */
const commands = new Set(['cli']);

async function buildService(name: string): Promise<void> {
  const entry = join(root, 'services', name, 'src/main.ts');
  if (!existsSync(entry))
    throw new Error(`services/${name}/src/main.ts does not exist, so dist/${name} cannot be built`);
  const outdir = join(root, 'dist', name);
  rmSync(outdir, { recursive: true, force: true });
  mkdirSync(outdir, { recursive: true });
  const more = Object.entries(programs[name] ?? {}).map(([program, file]) => [program, join(dirname(entry), file)]);
  await build({
    entryPoints: { main: entry, ...Object.fromEntries(more) },
    outdir,
    outExtension: { '.js': '.cjs' },
    bundle: true,
    // Node's loader of ES modules takes 4.8 MB of a process that has nothing else to load.
    format: 'cjs',
    platform: 'node',
    target: 'node26',
    minify: small.has(name),
    // Node prints the whole line that an uncaught error came from.
    lineLimit: 160,
    sourcemap: false,
    ...(commands.has(name) ? { banner: { js: '#!/usr/bin/env node' } } : {}),
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    plugins: [zeromqAddon, leanPino, ...(small.has(name) ? [leanNode] : [])],
    logLevel: 'warning',
  });
  if (commands.has(name)) chmodSync(join(outdir, 'main.cjs'), 0o755);
  else copyAddons(join(root, 'node_modules/zeromq'), outdir);
  copyFileSync(join(root, 'LICENSE'), join(outdir, 'LICENSE'));
}

function buildDashboard(): void {
  const page = join(root, 'services/dashboard/index.html');
  if (!existsSync(page))
    throw new Error('services/dashboard/index.html does not exist, so dist/dashboard cannot be built');
  const { status } = spawnSync('npm', ['run', '--silent', 'build', '--workspace', 'services/dashboard'], {
    cwd: root,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('vite did not build services/dashboard');
}

const wanted = process.argv.length > 2 ? process.argv.slice(2) : parts;
for (const name of wanted) {
  try {
    if (!parts.includes(name)) throw new Error(`no such part: ${name} (there are: ${parts.join(', ')})`);
    if (name === 'dashboard') buildDashboard();
    else await buildService(name);
    console.log(`build: dist/${name}`);
  } catch (error) {
    console.error(`build: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  }
}
