import { createHash, generateKeyPairSync } from 'node:crypto';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '@sealcast/channel/cbor';
import { isZero } from '@sealcast/channel/bytes';
import { formatInvite, parseInvite, type Invite } from '@sealcast/channel/invite';
import { masterKeys, refusalOf } from './parties.ts';

const invite: Invite = {
  host: 'master.example',
  data: [36500, 36501],
  join: [36502, 36503],
  rsa: Uint8Array.from(masterKeys.rsa[0].rsaSpki),
  signing: Uint8Array.from(masterKeys.signingPublic),
  mechanism: 'curve',
  curve: new Uint8Array(32).fill(9),
  code: new Uint8Array(16).fill(5),
  expires: 1_800_000_000,
};

/** A line around any body, with a check that fits. */
function lineOf(body: Uint8Array): string {
  const check = createHash('sha256').update(body).digest().subarray(0, 4);
  return `sealcast1:${Buffer.concat([body, check]).toString('base64url')}`;
}

function spki(bits: number, exponent: number): Uint8Array {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: bits, publicExponent: exponent });
  return Uint8Array.from(publicKey.export({ format: 'der', type: 'spki' }));
}

function bytes(length: number) {
  return fc.uint8Array({ minLength: length, maxLength: length });
}

describe('an invite', () => {
  it('reads back as it was written', () => {
    const port = fc.integer({ min: 1, max: 65_535 });
    const hopOf = fc.oneof(
      fc.record({ mechanism: fc.constant('curve' as const), curve: bytes(32).filter((key) => !isZero(key)) }),
      fc.record({
        mechanism: fc.constantFrom('plain' as const, 'null' as const),
        curve: fc.constant(new Uint8Array(32)),
      }),
    );
    const any = fc.record({
      host: fc.stringMatching(/^[a-z0-9.-]{1,64}$/),
      data: fc.tuple(port, port),
      join: fc.tuple(port, port),
      rsa: fc.constant(invite.rsa),
      signing: bytes(32),
      hop: hopOf,
      code: bytes(16),
      expires: fc.maxSafeNat(),
      pinned: fc.oneof(fc.constant({}), fc.record({ install: bytes(32) })),
    });
    fc.assert(
      fc.property(any, ({ hop, pinned, ...fields }) => {
        const value: Invite = { ...fields, ...hop, ...pinned };
        const line = formatInvite(value);
        expect(line).toMatch(/^sealcast1:[\w-]+$/);
        expect(parseInvite(line)).toEqual(value);
      }),
      { numRuns: 50 },
    );
  });

  it('may stand between white space', () => {
    expect(parseInvite(` \n${formatInvite(invite)}\r\n`)).toEqual(invite);
  });

  it('is refused once any letter is changed or any end is cut off', () => {
    const line = formatInvite(invite);
    const changed = Array.from(
      line,
      (letter, at) => `${line.slice(0, at)}${letter === 'A' ? 'B' : 'A'}${line.slice(at + 1)}`,
    );
    const cut = Array.from(line, (_, at) => line.slice(0, at));
    const codes = [...changed, ...cut].map((wrong) => refusalOf(() => parseInvite(wrong)));
    expect(codes).toHaveLength(2 * line.length);
    expect(new Set(codes)).toEqual(new Set(['invite.malformed']));
  });

  it.each<[string, (line: string) => string]>([
    ['no prefix', (line) => line.slice('sealcast1:'.length)],
    ['another version', (line) => line.replace('sealcast1', 'sealcast2')],
    ['capitals', (line) => line.replace('sealcast1', 'Sealcast1')],
    ['padding', (line) => `${line}=`],
    ['base64 that is not of URLs', (line) => `${line.slice(0, -1)}+`],
    ['a space inside', (line) => `${line.slice(0, 50)} ${line.slice(50)}`],
    ['a second line', (line) => `${line}\n${line}`],
    ['nothing', () => ''],
  ])('is refused with %s', (_, change) => {
    expect(refusalOf(() => parseInvite(change(formatInvite(invite))))).toBe('invite.malformed');
  });

  it.each<[string, object]>([
    ['an unknown key', { more: 1 }],
    ['port 0', { data: [0, 1] }],
    ['three ports', { join: [1, 2, 3] }],
    ['no host', { host: '' }],
    ['a control character in the host', { host: 'a\n' }],
    ['a short code', { code: new Uint8Array(15) }],
    ['a short install hash', { install: new Uint8Array(31) }],
    ['an RSA key that is none', { rsa: new Uint8Array(294) }],
    ['an RSA key of 3072 bits', { rsa: spki(3072, 65_537) }],
    ['an RSA key of 2056 bits', { rsa: spki(2056, 65_537) }],
    ['an RSA key with e = 3', { rsa: spki(2048, 3) }],
  ])('is refused with %s, and not written', (_, change) => {
    const wrong = { ...invite, ...change };
    expect(refusalOf(() => parseInvite(lineOf(encode(wrong))))).toBe('invite.malformed');
    expect(() => formatInvite(wrong)).toThrow(/^(invite|body): /);
  });

  it('is refused with bytes behind the RSA key', () => {
    const rsa = Uint8Array.from([...invite.rsa, 0]);
    expect(refusalOf(() => parseInvite(lineOf(encode({ ...invite, rsa }))))).toBe('invite.malformed');
  });

  it('is refused in another encoding of the same value', () => {
    const body = Buffer.from(encode(invite));
    const at = body.indexOf(Buffer.concat([encode('expires'), encode(invite.expires)])) + encode('expires').length;
    const longer = Buffer.concat([
      body.subarray(0, at),
      Buffer.from('1b000000006b49d200', 'hex'),
      body.subarray(at + 5),
    ]);
    expect(encode(invite.expires)).toHaveLength(5);
    expect(refusalOf(() => parseInvite(lineOf(longer)))).toBe('invite.malformed');
    expect(parseInvite(lineOf(body))).toEqual(invite);
  });
});
