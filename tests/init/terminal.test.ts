import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import { Place } from './place.ts';

const main = join(import.meta.dirname, '../../services/init/src/main.ts');

/** What init writes where its output is a terminal (script of util-linux). */
function onTerminal(place: Place, env: Record<string, string>): string {
  const { PATH = '' } = process.env;
  const command = `'${process.execPath}' '${main}'`;
  return execFileSync('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    cwd: place.path,
    encoding: 'utf8',
    env: { PATH, TERM: 'xterm-256color', SHELL: '/bin/sh', ...place.settings, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('on a terminal the table is in colour', () => {
  using place = new Place();
  const text = onTerminal(place, {});
  expect(text).not.toBe(stripVTControlCharacters(text));
  expect(text).toContain('transport.pem');
});

test('on a terminal with NO_COLOR it is not', () => {
  using place = new Place();
  const text = onTerminal(place, { NO_COLOR: '1' });
  expect(text).toBe(stripVTControlCharacters(text));
  expect(text).toContain('transport.pem');
});
