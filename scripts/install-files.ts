// Makes what a master serves for the installing of nodes: an archive for each architecture, and the program that pins them. Each is
// named by its SHA-256, so that a name never stands for anything else.
//   node scripts/install-files.ts OUT ROOT_X64 ROOT_ARM64     each ROOT is the whole file system of a node's image
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { nodeFlags, nodeSettings } from './node-flags.ts';
import { procFiles, rareProcFiles } from './proc-files.ts';

const sources = join(import.meta.dirname, '../deploy/install');
const parts = ['machine', 'invite', 'files', 'before', 'service', 'container', 'main'];

export interface Archive {
  /** SHA-256 of the file. */
  hash: string;
  /** In bytes. */
  size: number;
}

/** The same bytes for the same files, whenever and by whomever it is made. */
async function archive(root: string, folder: string): Promise<Archive> {
  const unnamed = join(mkdtempSync(join(folder, 'unnamed-')), 'archive');
  const same = ['--sort=name', '--mtime=@0', '--owner=0', '--group=0', '--numeric-owner', '--format=gnu'];
  const tar = spawn('tar', [...same, '-C', root, '-cf', '-', '.'], { stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => tar.once('close', resolve));
  const complaints = text(tar.stderr);
  await pipeline(tar.stdout, createGzip(), createWriteStream(unnamed));
  if ((await ended) !== 0) throw new Error(`${root} can't be archived: ${(await complaints).trim()}`);
  const hash = createHash('sha256');
  await pipeline(createReadStream(unnamed), hash);
  const name = hash.digest('hex');
  const { size } = statSync(unnamed);
  renameSync(unnamed, join(folder, `${name}.tar.gz`));
  rmdirSync(dirname(unnamed));
  return { hash: name, size };
}

function read(name: string): string {
  return readFileSync(join(sources, name), 'utf8');
}

/** The program, with the hashes and sizes of the archives that it may install. */
export function installProgram(archives: { x64: Archive; arm64: Archive }): string {
  const settings = Object.entries(nodeSettings).map(([name, value]) => `${name}=${value}`);
  const environment = ['NODE_ENV=production', ...settings].join(' ');
  const placeholders: Record<string, string> = {
    unit: read('sealcast-node.service').trimEnd(),
    flags: nodeFlags.join(' '),
    environment: `Environment=${environment}`,
    env: environment,
    entrypoint: JSON.stringify(['/usr/bin/node', ...nodeFlags, '/app/main.cjs']),
    x64: archives.x64.hash,
    arm64: archives.arm64.hash,
    size_x64: String(archives.x64.size),
    size_arm64: String(archives.arm64.size),
    proc: [...procFiles, ...rareProcFiles].join(' '),
  };
  const fill = (template: string): string =>
    template.replace(/@(\w+)@/g, (whole, name: string) => placeholders[name] ?? whole);
  const whole = ['head', ...parts].map((part) => read(`${part}.sh`)).join('\n');
  // The unit has placeholders of its own.
  return fill(fill(whole));
}

if (import.meta.main) {
  const [out, x64, arm64] = process.argv.slice(2);
  if (out === undefined || x64 === undefined || arm64 === undefined)
    throw new Error('usage: install-files.ts OUT ROOT_X64 ROOT_ARM64');
  mkdirSync(out, { recursive: true });
  const [ofX64, ofArm64] = await Promise.all([archive(x64, out), archive(arm64, out)]);
  const program = installProgram({ x64: ofX64, arm64: ofArm64 });
  const name = createHash('sha256').update(program).digest('hex');
  writeFileSync(join(out, `${name}.sh`), program);
  console.log(`install: ${name}`);
}
