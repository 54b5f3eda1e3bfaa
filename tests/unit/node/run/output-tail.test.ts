import { receiptSchema } from '@sealcast/channel/payloads';
import { OutputTail } from '@sealcast/node/run/output-tail';
import { array, assert, property, uint8Array } from 'fast-check';
import { safeParse } from 'valibot';
import { expect, test } from 'vitest';

function tailOf(...chunks: (string | Uint8Array)[]): string {
  const tail = new OutputTail();
  const take = tail.stream();
  for (const chunk of chunks) take(Buffer.from(chunk));
  return tail.text;
}

test('what was written is there as it is, lines and tabs with it', () => {
  expect(tailOf('one\n', '\ttwo\n')).toBe('one\n\ttwo\n');
  expect(tailOf()).toBe('');
});

test('of more than a receipt takes there is the end', () => {
  const text = tailOf('x'.repeat(100_000), 'y'.repeat(4000), 'end');
  expect(text).toBe(`${'x'.repeat(93)}${'y'.repeat(4000)}end`);
});

test('no character is cut, neither where chunks meet nor where the end begins', () => {
  const euro = Buffer.from('€');
  expect(tailOf(euro.subarray(0, 1), euro.subarray(1))).toBe('€');
  expect(tailOf('€'.repeat(2000))).toBe('€'.repeat(1365));
  expect(tailOf('😀'.repeat(6000), 'x')).toBe(`${'😀'.repeat(1023)}x`);
});

test('two streams come together in the order in which they spoke, and cut no character of each other', () => {
  const tail = new OutputTail();
  const [out, err] = [tail.stream(), tail.stream()];
  const euro = Buffer.from('€');
  out(euro.subarray(0, 2));
  err(Buffer.from('error '));
  out(euro.subarray(2));
  expect(tail.text).toBe('error €');
});

test('what is no text, and what moves a cursor, is left out or shown as such', () => {
  expect(tailOf('\u001b[31mred\u001b[0m\r\n\u0000\u0007\u009bplain')).toBe('red\nplain');
  expect(tailOf(Buffer.from([0x61, 0xff, 0x62]))).toBe('a\ufffdb');
});

test('whatever bytes come, a receipt can carry what is left of them', () => {
  const bytes = uint8Array({ maxLength: 9000 });
  assert(
    property(array(bytes, { maxLength: 4 }), (chunks) => {
      const output = tailOf(...chunks);
      const receipt = { command: Buffer.alloc(16), outcome: 'done', ...(output === '' ? {} : { output }) };
      expect(safeParse(receiptSchema, receipt).issues).toBeUndefined();
    }),
  );
});
