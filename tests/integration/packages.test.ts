// scripts/packages and npm, in a folder whose packages lie in it.
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { typed } from '../documents/typed.ts';

const scripts = join(import.meta.dirname, '../../scripts');
const installs = 'demo: installing packages (npm ci), a minute or so\n';

let cwd: string;
const packages = async () => await typed("scripts/packages demo ', a minute or so'", { cwd });
const write = (name: string, value: unknown) => writeFileSync(join(cwd, name), JSON.stringify(value));

async function depend(...names: string[]): Promise<void> {
  for (const name of names) {
    mkdirSync(join(cwd, name), { recursive: true });
    write(`${name}/package.json`, { name, version: '1.0.0', bin: { [name]: 'program' } });
    writeFileSync(join(cwd, name, 'program'), '#!/bin/sh\n', { mode: 0o755 });
  }
  const dependencies = Object.fromEntries(names.map((name) => [name, `file:${name}`]));
  write('package.json', { name: 'clone', version: '1.0.0', dependencies });
  await typed('npm install --package-lock-only --offline --no-audit --no-fund', { cwd });
}

beforeEach(async () => {
  cwd = mkdtempSync(join(tmpdir(), 'sealcast-packages-'));
  mkdirSync(join(cwd, 'scripts'));
  for (const name of ['packages', 'packages-there.cjs']) cpSync(join(scripts, name), join(cwd, 'scripts', name));
  await depend('node');
});
afterEach(() => rmSync(cwd, { recursive: true }));

test('they are installed once, and told of', async () => {
  expect(await packages()).toContain(installs);
  expect(existsSync(join(cwd, 'node_modules/.bin/node'))).toBe(true);
  expect(await packages()).toBe('');
});

test('they are not installed again where somebody has run npm ci by hand', async () => {
  await typed('npm ci --offline', { cwd });
  expect(await packages()).toBe('');
});

test.each([
  ['what the lockfile names since', async () => await depend('node', 'another')],
  ['what is gone', async () => rmSync(join(cwd, 'node_modules'), { recursive: true })],
  ['what npm did not get to the end of', async () => rmSync(join(cwd, 'node_modules/.package-lock.json'))],
] as const)('%s is installed', async (_, change) => {
  await typed('npm ci --offline', { cwd });
  await change();
  expect(await packages()).toContain(installs);
  expect(await packages()).toBe('');
});
