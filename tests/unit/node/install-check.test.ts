import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkInstall } from '@sealcast/node/install-check';
import { StartError } from '@sealcast/runtime/run';
import { expect, test } from 'vitest';
import { StateFolder } from './state-folder.ts';

const program = '#!/bin/sh\necho installs\n';
const install = createHash('sha256').update(program).digest();

function fileIn(folder: StateFolder, text = program): string {
  const file = join(folder.path, 'setup');
  writeFileSync(file, text);
  return file;
}

test('a node that was installed by what its invite pins starts', () => {
  using folder = new StateFolder();
  expect(() => checkInstall(fileIn(folder), { install })).not.toThrow();
});

test.for<[string, string, { install?: Uint8Array }]>([
  ['by a changed program', `${program} `, { install }],
  ['by that of another master', program, { install: new Uint8Array(32) }],
  ['and is given an invite that pins nothing', program, {}],
])('a node that was installed %s stays out', ([, text, invite]) => {
  using folder = new StateFolder();
  const file = fileIn(folder, text);
  expect(() => checkInstall(file, invite)).toThrow(StartError);
  expect(() => checkInstall(file, invite)).toThrow(`${file} is not what the invite pins`);
});

test('a node that nothing installed takes any invite', () => {
  expect(() => checkInstall(undefined, { install })).not.toThrow();
});
