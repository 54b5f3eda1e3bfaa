import { describe, expect, it } from 'vitest';
import { Refusal, refusalCodes } from '@sealcast/channel/errors';

describe('a refusal', () => {
  it.each(refusalCodes)('of %s says its code and nothing else', (code) => {
    const refusal = new Refusal(code);
    expect(refusal).toMatchObject({ name: 'Refusal', message: code, code });
    expect(Object.keys(refusal).toSorted()).toEqual(['code', 'name']);
  });
});
