import { stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';
import type { Outcome, Outcomes, State } from '@sealcast/init/carry-out';
import { failureText, faultsText, settingsText } from '@sealcast/init/faults';
import { inviteFile, serverCertificate, transportKey, type FileKind } from '@sealcast/init/files';
import { Findings } from '@sealcast/init/findings';
import { painter, tableOf } from '@sealcast/init/table';
import { usage } from '@sealcast/init/usage';

const plain = painter(false);

function outcome(file: FileKind, state: State, detail = ''): Outcome {
  return { file, state, detail };
}

function outcomes(files: Outcome[], path = '/k', state: State = 'kept'): Outcomes {
  const folder = { path, mode: 0o700, state };
  return { folders: { keys: folder, tls: folder, nodes: folder }, files };
}

function lines(text: string): string[] {
  return text.split('\n');
}

const long = Array.from({ length: 30 }, (_, index) => `name-${index}.example.org`).join(', ');

test('no line is longer than 100 columns', () => {
  const findings = new Findings();
  findings.warnings.push(long);
  findings.notes.push(long);
  const files = [
    outcome(transportKey, 'mended', 'was 0644, owned by 1000:1000; SHA-256 0123456789abcdef'),
    outcome(serverCertificate, 'extended', long),
  ];
  const text = tableOf(outcomes(files, `/${'folder/'.repeat(9)}keys`), findings, plain);
  const fault = { where: '/a', problem: long, remedy: long };
  for (const line of lines(text + faultsText([fault], plain) + settingsText(long, plain) + usage()))
    expect(line.length).toBeLessThanOrEqual(100);
});

test('columns stand below one another, also in colour', () => {
  const files = [
    outcome(transportKey, 'made', 'DETAIL'),
    outcome(serverCertificate, 'extended', 'DETAIL'),
    outcome(inviteFile(10), 'kept', 'DETAIL'),
  ];
  const text = tableOf(outcomes(files), new Findings(), painter(true));
  const places = lines(stripVTControlCharacters(text))
    .map((line) => line.indexOf('DETAIL'))
    .filter((place) => place >= 0);
  expect(places).toHaveLength(3);
  expect(new Set(places).size).toBe(1);
});

test('without colour there is no escape sequence', () => {
  const text = tableOf(outcomes([outcome(transportKey, 'made')]), new Findings(), plain);
  expect(stripVTControlCharacters(text)).toBe(text);
});

test('with colour there is', () => {
  const text = tableOf(outcomes([outcome(transportKey, 'made')]), new Findings(), painter(true));
  expect(stripVTControlCharacters(text)).not.toBe(text);
});

test('invites that are alike share a row, and no other files do', () => {
  const states: State[] = ['kept', 'kept', 'made', 'made', 'made', 'kept'];
  const files = states.map((state, index) => outcome(inviteFile(index + 1), state));
  const text = tableOf(outcomes(files), new Findings(), plain);
  expect(text.match(/invite-\d+( to \d+)?/g)).toEqual(['invite-1 to 2', 'invite-3 to 5', 'invite-6']);
});

test('invites with a gap between them do not share a row', () => {
  const files = [1, 3].map((number) => outcome(inviteFile(number), 'kept'));
  expect(tableOf(outcomes(files), new Findings(), plain).match(/invite-\d+( to \d+)?/g)).toEqual([
    'invite-1',
    'invite-3',
  ]);
});

test('where nothing was changed, that is what it says', () => {
  const text = tableOf(outcomes([outcome(transportKey, 'kept')]), new Findings(), plain);
  expect(text).toContain('Everything was there and in order. Nothing was changed.');
});

test('what was done is counted', () => {
  const files = [outcome(transportKey, 'made'), outcome(serverCertificate, 'mended')];
  expect(tableOf(outcomes(files), new Findings(), plain)).toContain('Files and folders: 1 made, 1 mended, 3 kept.');
});

test('every fault says where, what and what to do', () => {
  const faults = [
    { where: '/k/a', problem: 'is wrong.', remedy: 'Mend it.' },
    { where: '/k/b', problem: 'is wrong, too.', remedy: 'Mend that.' },
  ];
  expect(faultsText(faults, plain)).toBe(
    `init stopped and changed nothing: 2 faults.

  /k/a
    is wrong.
    Mend it.

  /k/b
    is wrong, too.
    Mend that.
`,
  );
});

test('what nobody foresaw is told with what to do next', () => {
  expect(failureText(new Error('ENOSPC: no space left on device'), plain)).toBe(
    'init failed: ENOSPC: no space left on device\nWhat is written is whole. Mend the cause, and run init again.\n',
  );
});
