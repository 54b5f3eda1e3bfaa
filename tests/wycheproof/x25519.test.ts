import assert from 'node:assert/strict';
import { expect, it } from 'vitest';
import { agree, newX25519 } from '@sealcast/channel/exchange';
import { refusalOf } from '../unit/channel/parties.ts';
import { drawing } from './drawing.ts';
import { type Case, fromHex, needVectors, readCases, tally } from './vectors.ts';

interface Exchange extends Case {
  public: string;
  private: string;
  shared: string;
}

needVectors();

function judge(given: Exchange): string {
  const { privateKey } = newX25519(drawing(fromHex(given.private)));
  const peer = fromHex(given.public);
  if (/^0+$/.test(given.shared)) {
    assert.equal(
      refusalOf(() => agree(privateKey, peer)),
      'join.key',
    );
    return 'all zero, refused';
  }
  // RFC 7748 §5: what is not canonical, or lies on the twist, is taken for what it stands for.
  assert.equal(agree(privateKey, peer).toString('hex'), given.shared);
  return given.flags?.includes('NonCanonicalPublic') ? 'not canonical, agreed' : 'agreed';
}

it('X25519 gives the shared secret of every vector, and refuses each that is all zero', () => {
  expect(tally(readCases<Exchange>('x25519'), judge)).toEqual({
    agreed: 474,
    'not canonical, agreed': 13,
    'all zero, refused': 31,
  });
});
