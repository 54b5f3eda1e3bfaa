// What the program that installs a node tells of the node's log, in a real shell.
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { installProgram } from '../../../scripts/install-files.ts';

const archive = { hash: 'a'.repeat(64), size: 5 };
const [told = ''] = /^told\(\) .*$/m.exec(installProgram({ x64: archive, arm64: archive })) ?? [];

test.each([
  ['{"level":"warn","msg":"first"}\n{"level":"error","time":1,"msg":"no way"}\n{"level":"info","msg":"x"}\n', 'no way'],
  ['1 fault in the settings:\n\n  node_name is empty\n', 'node_name is empty'],
  ['Segmentation fault\n', 'Segmentation fault'],
  ['', ''],
])('of %j it tells %j', (log, line) => {
  expect(tellOf(Buffer.from(log))).toBe(line);
});

test('nothing of it is an order to the terminal', () => {
  const orders = ['\u001B]0;title\u0007', '\u001B[2J', '\r', '\b', '\u007F', '\u009B2J', '\u202E'].join('');
  const log = Buffer.concat([Buffer.from(`one${orders}two`), Buffer.of(0x9b, 0x9d), Buffer.from('three\n')]);
  expect(tellOf(log)).toBe('one]0;title[2J2Jtwothree');
});

function tellOf(log: Buffer): string {
  return execFileSync('sh', ['-euc', `${told}\ntold`], { input: log, encoding: 'utf8' }).replace(/\n$/, '');
}
