// The commands that the documents tell people to type, so that tests run what stands there and nothing else.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

export interface Command {
  /** Path of the document, from the root. */
  file: string;
  /** Of the line that it begins on, from 1. */
  line: number;
  /** As it is typed: lines that end in a backslash are one, with a space between them. */
  text: string;
}

const shells = new Set(['sh', 'bash', 'console']);
/** What stands between backquotes in a sentence is a command if it begins with one of these and goes on. */
const programs =
  /^(?:[A-Za-z_]+=\S+ )*(?:sudo |docker |git |npm |curl |\.\/scripts\/|\.ci\/|sealcast [a-z]|systemctl |systemd-analyze |journalctl |promtool )/;
/** It tells what has changed, and nobody to type anything; an older version's commands need not be those of this one. */
const history = 'CHANGELOG.md';

/** Markdown files that the project keeps, and people work by. */
export function documents(): string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
    cwd: root,
    encoding: 'utf8',
  });
  return listed.split('\n').filter((file) => file !== '' && file !== history);
}

function joined(lines: string[], file: string, first: number): Command[] {
  const commands: Command[] = [];
  let begun: Command | undefined;
  for (const [index, line] of lines.entries()) {
    const text = line.trim();
    if (begun === undefined && (text === '' || text.startsWith('#'))) continue;
    begun ??= { file, line: first + index, text: '' };
    begun.text = `${begun.text} ${text.replace(/\\$/, '').trimEnd()}`.trimStart();
    if (text.endsWith('\\')) continue;
    commands.push(begun);
    begun = undefined;
  }
  if (begun !== undefined) throw new Error(`${file}:${begun.line}: a command ends in a backslash`);
  return commands;
}

/** The commands of a document: each line of its blocks for a shell, and what its sentences hold between backquotes. */
export function commandsOf(file: string): Command[] {
  const commands: Command[] = [];
  const lines = readFileSync(join(root, file), 'utf8').split('\n');
  for (let at = 0; at < lines.length; at += 1) {
    const fence = /^\s*(```+)\s*(\w*)/.exec(lines[at] ?? '');
    if (fence === null) {
      // A command that went on in the next line would be read by nobody.
      if ((lines[at]?.match(/`/g)?.length ?? 0) % 2 === 1) throw new Error(`${file}:${at + 1}: a lone backquote`);
      for (const [, text = ''] of (lines[at] ?? '').matchAll(/`([^`]+)`/g))
        if (programs.test(text)) commands.push({ file, line: at + 1, text });
      continue;
    }
    const end = lines.findIndex((line, index) => index > at && line.trim() === fence[1]);
    if (end === -1) throw new Error(`${file}:${at + 1}: a block without an end`);
    if (shells.has(fence[2] ?? '')) commands.push(...joined(lines.slice(at + 1, end), file, at + 2));
    at = end;
  }
  return commands;
}

/** `text` as it is, for a test to run; throws where the document does not tell anybody to type it. */
export function documented(file: string, text: string): string {
  if (commandsOf(file).some((command) => command.text === text)) return text;
  throw new Error(`${file} does not hold the command: ${text}`);
}
