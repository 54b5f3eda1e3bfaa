import { beforeEach, expect, test, vi } from 'vitest';
import { decode } from '@sealcast/channel/cbor';
import { cborDepth } from '@sealcast/channel/constants';
import { refusalOf } from './parties.ts';

// That what is too deep is refused can't tell where the reading stopped: the writer would refuse it too, after the decoder
// had built it all, and a full stack would end it as well.

let tokens = 0;

declare class Tokenizer {
  next(): unknown;
}

vi.mock('cborg', async (importOriginal) => {
  const cborg = await importOriginal<{ Tokenizer: typeof Tokenizer }>();
  class CountingTokenizer extends cborg.Tokenizer {
    override next(): unknown {
      tokens += 1;
      return super.next();
    }
  }
  return { ...cborg, Tokenizer: CountingTokenizer };
});

beforeEach(() => {
  tokens = 0;
});

test.each([
  ['arrays', [0x81], 1],
  ['maps', [0xa1, 0x61, 0x61], 2],
])('of 20,000 %s inside one another no more is read than may be', (_name, level, tokensOfLevel) => {
  const deep = Uint8Array.from({ length: 20_000 * level.length }, (_, at) => level[at % level.length] ?? 0);
  expect(refusalOf(() => decode(deep))).toBe('payload.encoding');
  expect(tokens).toBe(cborDepth * tokensOfLevel + 1);
});
