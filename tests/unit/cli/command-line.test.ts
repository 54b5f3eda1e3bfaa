import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { exitCodes } from '@sealcast/cli/command/failures';
import { helpOf, overview } from '@sealcast/cli/command/help';
import { commands } from '@sealcast/cli/commands/commands';
import { describe, expect, test } from 'vitest';
import { documented } from '../../documents/commands.ts';

const page = readFileSync(join(import.meta.dirname, '../../../docs/command-line.md'), 'utf8');

test('every exit code stands on the page, and no other', () => {
  const described = [...page.matchAll(/^\| (\d+) \| /gm)].map(([, code]) => Number(code));
  expect(described).toEqual(Object.values(exitCodes));
});

test('the page lists every command in the order of --help', () => {
  const listed = [...page.matchAll(/^\| `([^`]+)` \| /gm)].map(([, line]) => line);
  expect(listed).toEqual(commands.map(({ name, takes = '' }) => `${name} ${takes}`.trim()));
  const order = commands.map(({ name, takes = '' }) => overview(commands).indexOf(`\n  ${`${name} ${takes}`.trim()} `));
  expect(order).toEqual(order.toSorted((a, b) => a - b));
  expect(order).not.toContain(-1);
});

test('the help of a backup shows the line that docs/backup.md has, which is typed in a container', () => {
  const line = documented(
    'docs/backup.md',
    'docker compose exec -T master sealcast backup --passphrase-file - < passphrase > fleet.backup',
  );
  expect(helpOf(commands.find(({ name }) => name === 'backup')!)).toContain(`\n  ${line}\n`);
});

describe.each(commands.map((command) => [command.name, command] as const))('%s', (_, command) => {
  test('says all that it takes, and each option stands on the page', () => {
    const help = helpOf(command);
    expect(help.startsWith(`Usage: sealcast ${command.name}`)).toBe(true);
    const options = Object.keys(command.options ?? {});
    expect(options.filter((name) => !help.includes(`  --${name}`))).toEqual([]);
    expect(options.filter((name) => !page.includes(`--${name}`))).toEqual([]);
  });

  test('has no option that takes a secret itself', () => {
    const options = Object.keys(command.options ?? {});
    expect(options.filter((name) => /pass|secret|key|token/.test(name) && !name.endsWith('-file'))).toEqual([]);
  });
});
