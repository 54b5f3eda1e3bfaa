import { systemEntropy } from '@sealcast/channel/entropy';
import { newX25519 } from '@sealcast/channel/exchange';
import { expectHopProof, hopKeyOf, type HopSecret, isHopProof, proveHop } from '@sealcast/channel/hop-key';
import { decodeZ85 } from '@sealcast/channel/z85';
import { describe, expect, it } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { fromHex, hex, refusalOf } from './parties.ts';

const random = (): Uint8Array => systemEntropy.bytes(32);

const secrets: [string, () => HopSecret][] = [
  ['CURVE', () => ({ mechanism: 'curve', secret: random() })],
  ['PLAIN', () => ({ mechanism: 'plain', secret: random() })],
];

it('the hop key of a pair that libzmq made is its public half', () => {
  const { publicKey, secretKey } = curveKeyPair();
  expect(hex(hopKeyOf({ mechanism: 'curve', secret: decodeZ85(secretKey) }))).toBe(hex(decodeZ85(publicKey)));
});

describe.each(secrets)('under %s', (_, newSecret) => {
  it('a proof holds for the hop key of its secret alone', () => {
    const [own, other] = [newSecret(), newSecret()];
    const { mechanism } = own;
    const [ephemeral, h2] = [newX25519(systemEntropy), random()];
    const expected = [own, other].map((hop) => expectHopProof(mechanism, hopKeyOf(hop), ephemeral.privateKey, h2));
    const proof = proveHop(own, ephemeral.publicKey, h2);
    expect(expected.map((one) => isHopProof(mechanism, one, proof))).toEqual([true, false]);
    expect(isHopProof(mechanism, expected[0] ?? random(), new Uint8Array(32))).toBe(false);
  });

  it('what the secret is kept in stays as it is', () => {
    const hop = newSecret();
    const before = structuredClone(hop);
    hopKeyOf(hop);
    proveHop(hop, newX25519(systemEntropy).publicKey, random()).fill(0);
    expect(hop).toEqual(before);
  });
});

it('under CURVE a proof is good for one OFFER and one transcript, and is neither the secret nor what both sides share', () => {
  const hop: HopSecret = { mechanism: 'curve', secret: random() };
  const [ephemeral, another, h2] = [newX25519(systemEntropy), newX25519(systemEntropy), random()];
  const expected = expectHopProof('curve', hopKeyOf(hop), ephemeral.privateKey, h2);
  const proofs = [
    proveHop(hop, ephemeral.publicKey, h2),
    proveHop(hop, ephemeral.publicKey, random()),
    proveHop(hop, another.publicKey, h2),
    hop.secret,
    hopKeyOf(hop),
  ];
  expect(proofs.map((proof) => isHopProof('curve', expected, proof))).toEqual([true, false, false, false, false]);
});

it('under NULL there is nothing to prove, and zeros prove it', () => {
  const { privateKey, publicKey } = newX25519(systemEntropy);
  const expected = expectHopProof('null', hopKeyOf({ mechanism: 'null' }), privateKey, random());
  const proofs = [proveHop({ mechanism: 'null' }, publicKey, random()), random()];
  expect(proofs.map((proof) => isHopProof('null', expected, proof))).toEqual([true, false]);
});

it.each([
  ['curve', '00'],
  ['curve', '01'],
  ['curve', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'],
  ['null', '01'],
] as const)('under %s nobody can prove the hop key %s, which is refused at once', (mechanism, digits) => {
  const hopKey = fromHex(digits.padEnd(64, '0'));
  const { privateKey } = newX25519(systemEntropy);
  expect(refusalOf(() => expectHopProof(mechanism, hopKey, privateKey, random()))).toBe('join.key');
});
