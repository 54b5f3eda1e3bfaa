import { expect, test } from 'vitest';
import type { CommandView, Receipt } from '../../../services/dashboard/src/api/types.ts';
import { cleanText } from '../../../services/dashboard/src/broadcast/clean-text.ts';
import { receiptsInOrder, tally } from '../../../services/dashboard/src/broadcast/outcomes.ts';

function receipt(name: string, outcome: Receipt['outcome'], at: number | null = null): Receipt {
  return { node: name, name, outcome, detail: null, output: null, at };
}

const receipts = [
  receipt('a', 'done', 5),
  receipt('b', 'waiting'),
  receipt('c', 'done', 9),
  receipt('d', 'failed', 3),
  receipt('e', 'expired'),
  receipt('a2', 'waiting'),
  receipt('f', 'refused'),
];

test('outcomes are counted, and those that are none are left out', () => {
  expect(tally([receipt('a', 'done')])).toEqual([{ outcome: 'done', number: 1 }]);
  expect(tally(receipts)).toEqual([
    { outcome: 'failed', number: 1 },
    { outcome: 'refused', number: 1 },
    { outcome: 'expired', number: 1 },
    { outcome: 'waiting', number: 2 },
    { outcome: 'done', number: 2 },
  ]);
});

test('what needs a look stands first, then what is open, then the latest answer', () => {
  const command: CommandView = {
    id: '0',
    issued: 0,
    expires: 10,
    by: 'admin',
    action: { type: 'text', text: 'x' },
    everyone: true,
    receipts,
  };
  expect(receiptsInOrder(command).map(({ name }) => name)).toEqual(['d', 'f', 'e', 'a2', 'b', 'c', 'a']);
});

test.each([
  ['  two\r\nlines\rthree\t. ', 'two\nlines\nthree\t.'],
  ['bell\u0007 and next line\u0085', 'bell and next line'],
  ['half \ud83d', 'half \ufffd'],
  ['whole \u{1f4e1}', 'whole \u{1f4e1}'],
])('the text %j is sent as %j', (written, sent) => {
  expect(cleanText(written)).toBe(sent);
});
