import { createLog } from '@sealcast/runtime/log';
import { oneLine } from '@sealcast/runtime/one-line';
import { terminalLine } from '@sealcast/runtime/terminal-line';
import { expect, test } from 'vitest';

const text = 'a\u2028{"msg":"forged"}\u2029\u0085\u009b2J\u202egnp.\u2066exe\u007f größer 日本 📡';

test('no reader of JSON takes one line for two, and what it says stays the same', () => {
  const line = oneLine(JSON.stringify({ text }));
  expect(line).toMatch(/^[^\p{Cc}\p{Zl}\p{Zp}\u202e\u2066]+$/u);
  expect(JSON.parse(line)).toEqual({ text });
  expect(line).toContain('größer 日本 📡');
});

test('a line of the log is one, in a file and on a terminal', () => {
  const lines: string[] = [];
  createLog('node', 'info', { write: (line) => void lines.push(line) }).info({ text }, 'a message from the master');
  const [line = ''] = lines;
  expect(JSON.parse(line)).toMatchObject({ text, msg: 'a message from the master' });
  for (const shown of [line, terminalLine(line)])
    expect(shown.trimEnd()).not.toMatch(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069\n]/);
});
