import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInstall } from '@sealcast/master/install-folder';
import { StartError } from '@sealcast/runtime/run';
import { expect, test } from 'vitest';

function folder(files: Record<string, string>) {
  const path = mkdtempSync(join(tmpdir(), 'sealcast-install-'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) };
}

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const program = hashOf('#!/bin/sh\n');

test('the program is the one that has its own hash for a name', () => {
  using install = folder({ [`${program}.sh`]: '#!/bin/sh\n', [`${'a'.repeat(64)}.tar.gz`]: 'x', 'notes.sh': '' });
  expect(findInstall(install.path)).toEqual({ path: install.path, program });
});

test('a master without the folder has nothing to install from', () => {
  expect(findInstall('/nowhere')).toBeUndefined();
});

test.for<[string, Record<string, string>, string]>([
  ['a changed program', { [`${program}.sh`]: '#!/bin/sh\nevil\n' }, 'is not what its name says'],
  ['no program', { 'setup.sh': '#!/bin/sh\n' }, 'holds 0 programs'],
  ['two', { [`${program}.sh`]: '#!/bin/sh\n', [`${hashOf('')}.sh`]: '' }, 'holds 2 programs'],
])('with %s it does not start', ([, files, why]) => {
  using install = folder(files);
  expect(() => findInstall(install.path)).toThrow(StartError);
  expect(() => findInstall(install.path)).toThrow(why);
});
