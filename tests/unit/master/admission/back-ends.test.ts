import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeZ85 } from '@sealcast/channel/z85';
import { parseZapFile, ZapFile } from '@sealcast/master/admission/zap-file';
import { ZapCommand } from '@sealcast/master/admission/zap-command';
import { ZapTurns } from '@sealcast/master/admission/zap-turns';
import { createLog } from '@sealcast/runtime/log';
import { afterAll, expect, test } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'sealcast-zap-'));
afterAll(() => rmSync(folder, { recursive: true }));
const log = createLog('test', 'silent');
const key = Buffer.alloc(32, 0xab);
const other = Buffer.alloc(32, 0xcd);
const hex = key.toString('hex');
const request = { domain: 'data', address: '10.0.0.1', mechanism: 'curve', hopKey: key, isKnown: true } as const;

test('keys stand in the file in Z85 or hexadecimal, beside remarks and empty lines', () => {
  const text = `# who may connect\n\n${encodeZ85(key)}\n  ${other.toString('hex').toUpperCase()}\r\n`;
  expect(parseZapFile(text)).toEqual(new Set([hex, other.toString('hex')]));
});

test.each([
  ['a short key', hex.slice(1)],
  ['Z85 that is none', `${encodeZ85(key).slice(1)}~`],
  ['two keys on a line', `${hex} ${hex}`],
  ['a remark behind a key', `${hex} # mine`],
])('%s makes the whole file malformed, by the number of its line', (_, line) => {
  expect(() => parseZapFile(`${hex}\n${line}\n`)).toThrow('line 2 is no hop key');
  const path = join(folder, 'malformed');
  writeFileSync(path, `${hex}\n${line}\n`);
  expect(new ZapFile(path, log).allows({ hopKey: key })).toBe(false);
});

test('the file is read anew when it changes, and who is gone from it is told', () => {
  const path = join(folder, 'changing');
  writeFileSync(path, `${hex}\n${other.toString('hex')}\n`);
  const file = new ZapFile(path, log);
  expect(file.allows({ hopKey: key })).toBe(true);
  expect(file.look()).toEqual([]);
  writeFileSync(path, `${other.toString('hex')}\n`);
  expect(file.look()).toEqual([hex]);
  expect(file.allows({ hopKey: key })).toBe(false);
  expect(file.allows({ hopKey: other })).toBe(true);
});

test('who is gone from the file is told though somebody asked to be let in before', () => {
  const path = join(folder, 'asking');
  writeFileSync(path, `${hex}\n${other.toString('hex')}\n`);
  const file = new ZapFile(path, log);
  expect(file.look()).toEqual([]);
  writeFileSync(path, `${other.toString('hex')}\n`);
  expect(file.allows({ hopKey: Buffer.alloc(32, 1) })).toBe(false);
  writeFileSync(path, '');
  expect(file.allows({ hopKey: Buffer.alloc(32, 1) })).toBe(false);
  expect(file.look()).toEqual([hex, other.toString('hex')]);
  expect(file.look()).toEqual([]);
});

test('a file that is gone, or becomes malformed, lets nobody in', () => {
  const path = join(folder, 'going');
  writeFileSync(path, hex);
  const file = new ZapFile(path, log);
  expect(file.allows({ hopKey: key })).toBe(true);
  rmSync(path);
  expect(file.allows({ hopKey: key })).toBe(false);
  writeFileSync(path, `${hex}\n`);
  expect(file.allows({ hopKey: key })).toBe(true);
  writeFileSync(path, `${hex}\nnonsense\n`);
  expect(file.allows({ hopKey: key })).toBe(false);
});

let programs = 0;
function program(script: string, turns?: ZapTurns): ZapCommand {
  programs += 1;
  const path = join(folder, `program-${programs}`);
  writeFileSync(path, `#!/bin/sh\n${script}\n`);
  chmodSync(path, 0o700);
  return new ZapCommand(path, log, turns);
}

test('the command is given one line of JSON, and allow with exit code 0 is a yes', async () => {
  const asked = join(folder, 'asked');
  expect(await program(`cat > ${asked}; echo allow`).allows(request)).toBe(true);
  expect(readFileSync(asked, 'utf8')).toBe(
    `{"domain":"data","address":"10.0.0.1","mechanism":"curve","hopKey":"${hex}"}\n`,
  );
});

test.each([
  ['another word', 'echo deny'],
  ['nothing', 'true'],
  ['allow and more', 'echo allow; echo but'],
  ['allow in capitals', 'echo ALLOW'],
  ['allow without end', 'yes allow | head -c 100000'],
  ['allow and a failing exit', 'echo allow; exit 1'],
  ['a killed program', 'echo allow; kill -9 $$'],
])('%s is a no', async (_, script) => {
  expect(await program(script).allows(request)).toBe(false);
});

test('a command that does not exist is a no', async () => {
  expect(await new ZapCommand(join(folder, 'nothing'), log).allows(request)).toBe(false);
});

test('a command that hangs is ended, and means no', async () => {
  expect(await program('exec sleep 30').allows(request)).toBe(false);
});

test('at most four commands run at a time, and all are asked in the end', async () => {
  const running = join(folder, 'running');
  const most = join(folder, 'most');
  mkdirSync(running);
  const command = program(
    `touch ${running}/$$; ls ${running} | wc -l >> ${most}; sleep 0.2; rm ${running}/$$; echo allow`,
  );
  const answers = await Promise.all(Array.from({ length: 9 }, () => command.allows(request)));
  expect(answers).toEqual(Array.from({ length: 9 }, () => true));
  const counts = readFileSync(most, 'utf8').trim().split('\n').map(Number);
  expect(counts).toHaveLength(9);
  expect(Math.max(...counts)).toBeLessThanOrEqual(4);
});

test('of too many that wait, the newest is refused of the address that has the most', async () => {
  const command = program('sleep 0.05; echo allow', new ZapTurns(() => 0));
  const from = (address: string) => command.allows({ ...request, address });
  const crowd = Array.from({ length: 4 + 64 }, () => from('10.0.0.1'));
  const answers = await Promise.all([...crowd, from('10.0.0.2'), from('10.0.0.1'), from('10.0.0.3')]);
  expect(answers.flatMap((answer, index) => (answer ? [] : [index]))).toEqual([66, 67, 69]);
});

test('a program that leaves another behind, which holds its output open, has answered when it ends', async () => {
  const pid = join(folder, 'left-behind');
  expect(await program(`sleep 30 & echo $! > ${pid}; echo allow`).allows(request)).toBe(true);
  process.kill(Number(readFileSync(pid, 'utf8')));
});
