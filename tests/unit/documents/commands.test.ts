import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type Command, commandsOf, documented, documents } from '../../documents/commands.ts';
import { elsewhere } from '../../documents/elsewhere.ts';

const root = join(import.meta.dirname, '../../..');

const tests = readdirSync(join(root, 'tests'), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => readFileSync(join(root, 'tests', file), 'utf8'))
  .join('\n');

/** Whether a test takes the command from its document, written between any of the three quotation marks. */
function isTaken({ file, text }: Command): boolean {
  return ["'", '"', '`'].some((mark) => {
    const literal = mark + text.replaceAll('\\', '\\\\').replaceAll(mark, `\\${mark}`) + mark;
    return new RegExp(`documented\\(\\s*'${RegExp.escape(file)}',\\s*${RegExp.escape(literal)}`).test(tests);
  });
}

const inScripts = readFileSync(join(root, 'scripts/test'), 'utf8');

/** The names of a list that scripts/test holds. */
function listed(list: string): string[] {
  return new RegExp(`^${list}=\\((.*)\\)$`, 'm').exec(inScripts)?.[1]?.split(' ') ?? [];
}

/** What a line has scripts/test run of all that it runs without names. */
function namesOf({ text }: Command): string[] {
  return /^\.\/scripts\/test (.+)$/.exec(text)?.[1]?.split(' ') ?? [];
}

test('every command in the documents is run by a test', () => {
  const commands = documents().flatMap(commandsOf);
  expect(commands.length).toBeGreaterThan(20);
  const left = commands.filter(
    (command) => !isTaken(command) && elsewhere[command.text] === undefined && namesOf(command).length === 0,
  );
  expect(left.map(({ file, line, text }) => `${file}:${line}: ${text}`)).toEqual([]);
});

test('the checks and suites that a document names are among those that run for every change', () => {
  const [checks, suites, sideBySide] = [listed('checks'), listed('suites'), listed('side_by_side')];
  expect(sideBySide.toSorted()).toEqual(suites.toSorted());
  const named = documents().flatMap(commandsOf).flatMap(namesOf);
  expect(named).toContain('attacks');
  expect(named.filter((name) => ![...checks, ...suites].includes(name))).toEqual([]);
});

test('what runs elsewhere stands there', () => {
  const inDocuments = new Set(
    documents()
      .flatMap(commandsOf)
      .map(({ text }) => text),
  );
  for (const [command, { file, as }] of Object.entries(elsewhere)) {
    expect(inDocuments).toContain(command);
    expect(readFileSync(join(root, file), 'utf8')).toContain(as);
  }
});

test('a command that a document does not hold can not be taken from it', () => {
  expect(() => documented('README.md', 'rm -rf /')).toThrow('README.md does not hold the command: rm -rf /');
});
