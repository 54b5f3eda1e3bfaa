// What init did, for people: at most 100 columns, and never a secret.
import { styleText } from 'node:util';
import type { FolderOutcome, Outcome, Outcomes, State } from './carry-out.ts';
import type { FolderName } from './files.ts';
import type { Findings } from './findings.ts';
import { octal } from './found-file.ts';
import { wrap } from './wrap.ts';

type Colour = 'green' | 'yellow' | 'red' | 'bold' | 'dim';
export type Paint = (colour: Colour, text: string) => string;

export function painter(coloured: boolean): Paint {
  return (colour, text) => (coloured ? styleText(colour, text, { validateStream: false }) : text);
}

interface Row {
  readonly name: string;
  readonly what: string;
  readonly state: State;
  readonly mode: string;
  readonly detail: string;
}

export const width = 100;
const indent = '  ';
const gap = 2;
const stateWidth = 'extended'.length + gap;
const stateColours: Record<State, Colour> = { made: 'green', kept: 'dim', mended: 'yellow', extended: 'green' };
const states = ['made', 'extended', 'mended', 'kept'] satisfies State[];
const folderUses: [FolderName, string][] = [
  ['keys', 'the master alone'],
  ['tls', 'master and proxy'],
  ['nodes', 'every node'],
];

export function tableOf({ folders, files }: Outcomes, { warnings, notes }: Findings, paint: Paint): string {
  const groups = folderUses.map(([name, use]) => ({
    folder: folders[name],
    use,
    rows: joinInvites(files.filter(({ file }) => file.folder === name).map(rowOf)),
  }));
  const rows = groups.flatMap((group) => group.rows);
  const nameWidth = Math.max(...rows.map(({ name }) => name.length)) + gap;
  const whatWidth = Math.max(...rows.map(({ what }) => what.length)) + gap;
  const lines = groups.flatMap(({ folder, use, rows: inFolder }) => [
    ...folderLines(folder, use, nameWidth + whatWidth, paint),
    ...inFolder.flatMap((row) => rowLines(row, nameWidth, whatWidth, paint)),
    '',
  ]);
  lines.push(paint('bold', summary(folders, files)));
  for (const warning of warnings) lines.push('', ...remark(paint('yellow', 'Warning:'), warning));
  for (const note of notes) lines.push('', ...remark(paint('bold', 'Note:'), note));
  return `${lines.join('\n')}\n`;
}

function rowOf({ file: { name, what, mode }, state, detail }: Outcome): Row {
  return { name, what, state, mode: octal(mode), detail };
}

/** Invites that are alike share a row: `invite-1 to 3`. */
function joinInvites(rows: readonly Row[]): Row[] {
  const joined: { row: Row; first: string; last: string }[] = [];
  for (const row of rows) {
    const number = /^invite-(\d+)$/.exec(row.name)?.[1];
    const before = joined.at(-1);
    if (
      number !== undefined &&
      before !== undefined &&
      isAlike(before.row, row) &&
      Number(before.last) === Number(number) - 1
    )
      before.last = number;
    else joined.push({ row, first: number ?? '', last: number ?? '' });
  }
  return joined.map(({ row, first, last }) => (first === last ? row : { ...row, name: `${row.name} to ${last}` }));
}

function isAlike(one: Row, other: Row): boolean {
  return one.what === other.what && one.state === other.state && one.detail === other.detail;
}

function folderLines({ path, state, mode }: FolderOutcome, use: string, before: number, paint: Paint): string[] {
  const name = `${path}  (${use})`;
  const columns = `${paint(stateColours[state], pad(state, stateWidth))}${octal(mode)}`;
  const space = before + indent.length;
  return name.length + gap <= space
    ? [paint('bold', path) + name.slice(path.length).padEnd(space - path.length) + columns]
    : [paint('bold', path) + name.slice(path.length), ' '.repeat(space) + columns];
}

function rowLines(
  { name, what, state, mode, detail }: Row,
  nameWidth: number,
  whatWidth: number,
  paint: Paint,
): string[] {
  const modeWidth = mode.length + gap;
  const detailAt = indent.length + nameWidth + whatWidth + stateWidth + modeWidth;
  const [first = '', ...rest] = wrap(detail, width - detailAt);
  const columns =
    indent + pad(name, nameWidth) + pad(what, whatWidth) + paint(stateColours[state], pad(state, stateWidth));
  return [`${columns}${pad(mode, modeWidth)}${first}`.trimEnd(), ...rest.map((line) => ' '.repeat(detailAt) + line)];
}

function remark(title: string, text: string): string[] {
  const [first = '', ...rest] = wrap(text, width - 'Warning: '.length);
  return [`${title} ${first}`, ...rest.map((line) => `${indent}${line}`)];
}

function summary(folders: Outcomes['folders'], files: readonly Outcome[]): string {
  const all = [...Object.values(folders), ...files];
  if (all.every(({ state }) => state === 'kept')) return 'Everything was there and in order. Nothing was changed.';
  const counts = states.map((state) => ({ state, count: all.filter((one) => one.state === state).length }));
  const parts = counts.filter(({ count }) => count > 0).map(({ state, count }) => `${count} ${state}`);
  return `Files and folders: ${parts.join(', ')}.`;
}

function pad(text: string, to: number): string {
  return text.padEnd(to);
}
