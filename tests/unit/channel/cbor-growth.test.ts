import { decode, encode } from '@sealcast/channel/cbor';
import { expect, test } from 'vitest';

// The writer doubles its buffer as it goes: whatever is written where it does must not be lost.
const sizes = [1024, 2048, 4096].flatMap((size) => Array.from({ length: 24 }, (_, index) => size - 12 + index));

test.each([
  ['null', null],
  ['true', true],
  ['an integer', 7],
  ['a float', 0.1],
  ['a text', 'x'],
  ['bytes', Uint8Array.of(1)],
  ['a list', [1]],
  ['a map', { a: 1 }],
])('%s is written wherever the buffer has to grow', (_, item) => {
  for (const size of sizes) {
    const value = ['x'.repeat(size - 5), item, item];
    expect(decode(encode(value))).toEqual(value);
  }
});
