// Which disks the program that installs a node as a container shows it, in a real shell; of the engine it is heard what it is asked.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const container = readFileSync(join(import.meta.dirname, '../../../deploy/install/container.sh'), 'utf8');
let folder: string;

beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'sealcast-disks-'))));
afterAll(() => rmSync(folder, { recursive: true }));

/** What stands in /proc/mounts: a space as \040. */
const written = (path: string): string => path.replaceAll(' ', String.raw`\040`);

/** A disk with a folder lost+found; `more` is put there. */
function disk(name: string, more?: (path: string) => void): string {
  const path = join(folder, name);
  mkdirSync(join(path, 'lost+found'), { recursive: true });
  more?.(join(path, 'lost+found'));
  return path;
}

/** The folders of `mounts` that the container is shown. */
function shown(mounts: (readonly [path: string, type: string])[]): string[] {
  const table = join(folder, 'mounts');
  writeFileSync(table, mounts.map(([path, type]) => `/dev/some ${written(path)} ${type} rw 0 0\n`).join(''));
  const script = `${container.replace('</proc/mounts', `<${table}`).replace('@proc@', 'none')}
docker() { if [ "$1" = info ]; then echo ${folder}/docker; else printf '%s\\n' "$@" >&3; fi; }
run_container`;
  const said = execFileSync(
    'sh',
    [
      '-eu',
      '-c',
      `container=c settings=s state=s program=p image=i
exec 3>&1
${script}`,
    ],
    { encoding: 'utf8' },
  );
  return said
    .split('\n')
    .filter((word) => word.startsWith(`type=bind,src=${folder}`))
    .map((word) => word.slice(`type=bind,src=${folder}/`.length));
}

const asShown = (name: string): string => `${name}/lost+found,dst=/host${folder}/${name}/lost+found,readonly`;

test('a disk is shown by its empty folder, and what is no disk of the machine is not', () => {
  const [one, another] = [disk('one'), disk('another')];
  expect(
    shown([
      [one, 'ext4'],
      [another, 'nfs4'],
      [disk('docker/volumes'), 'ext4'],
    ]),
  ).toEqual([asShown('one')]);
});

test.each(['with space', 'with,dst=comma', 'with"quote', String.raw`with\backslash`])(
  'a disk at a path that has a meaning elsewhere is left out: %s',
  (name) => {
    expect(
      shown([
        [disk(name), 'ext4'],
        [disk('one'), 'ext4'],
      ]),
    ).toEqual([asShown('one')]);
  },
);

test('a path that a shell would expand is taken as it stands', () => {
  const names = ['$(id)', '*', ';&'];
  expect(shown(names.map((name) => [disk(name), 'ext4']))).toEqual(names.map(asShown));
});

test('a lost+found that holds something, or leads elsewhere, or is none, is not shown', () => {
  const full = disk('full', (path) => writeFileSync(join(path, '#1'), ''));
  const none = disk('none', (path) => rmSync(path, { recursive: true }));
  const file = disk('file', (path) => {
    rmSync(path, { recursive: true });
    writeFileSync(path, '');
  });
  const link = disk('link', (path) => {
    rmSync(path, { recursive: true });
    symlinkSync(join(disk('one'), 'lost+found'), path);
  });
  expect(shown([full, none, file, link].map((path) => [path, 'ext4']))).toEqual([]);
});
