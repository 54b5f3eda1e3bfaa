import type { KeyObject } from 'node:crypto';
import { Refusal } from './errors.ts';
import { helloBytes, kinds, nonceBytes, suite, tagBytes, version } from './frame.ts';
import { openFrom, sealWithin } from './seal.ts';
import { signParts, verifyParts } from './signature.ts';

// PROTOCOL.md, HELLO: 1714 bytes
//
//     0     4     version, suite, kind 0x01, flags
//     4     256   RSA-OAEP(K0)
//     260   12    nonce
//     272   1426  ciphertext under the hello key, AAD = bytes 0 to 271
//     1698  16    tag
//
// Plaintext:
//
//     0     1     kind 0x01
//     1     1     the node's highest protocol version, 1
//     2     16    node id
//     18    32    identity, Ed25519 public key
//     50    16    instance
//     66    32    random
//     98    32    ephemeral X25519 public key
//     130   1184  ephemeral ML-KEM-768 encapsulation key
//     1314  32    hop key
//     1346  16    invite code, or zero
//     1362  64    Ed25519 signature by the identity over
//                 "sealcast/1 hello" ‖ 0x00 ‖ master fingerprint ‖ frame[0..272) ‖ plaintext[0..1362)

const wrappedAt = 4;
const nonceAt = 260;
const sealedAt = 272;
const idAt = 2;
const identityAt = 18;
const instanceAt = 50;
const randomAt = 66;
const x25519At = 98;
const mlkemAt = 130;
const hopKeyAt = 1314;
const codeAt = 1346;
const signatureAt = 1362;

export interface Hello {
  version: number;
  id: Uint8Array;
  identity: Uint8Array;
  instance: Uint8Array;
  random: Uint8Array;
  x25519: Uint8Array;
  mlkem: Uint8Array;
  hopKey: Uint8Array;
  inviteCode: Uint8Array;
}

export function sealHello(
  hello: Hello,
  wrapped: Uint8Array,
  nonce: Uint8Array,
  helloKey: Uint8Array,
  fingerprint: Uint8Array,
  identityPrivate: KeyObject,
): Buffer {
  const frame = Buffer.alloc(helloBytes);
  frame.set([version, suite, kinds.hello, 0]);
  frame.set(wrapped, wrappedAt);
  frame.set(nonce, nonceAt);
  const head = frame.subarray(0, sealedAt);
  const plaintext = frame.subarray(sealedAt, helloBytes - tagBytes);
  plaintext[0] = kinds.hello;
  plaintext[1] = hello.version;
  plaintext.set(hello.id, idAt);
  plaintext.set(hello.identity, identityAt);
  plaintext.set(hello.instance, instanceAt);
  plaintext.set(hello.random, randomAt);
  plaintext.set(hello.x25519, x25519At);
  plaintext.set(hello.mlkem, mlkemAt);
  plaintext.set(hello.hopKey, hopKeyAt);
  plaintext.set(hello.inviteCode, codeAt);
  plaintext.set(
    signParts(identityPrivate, 'hello', fingerprint, head, plaintext.subarray(0, signatureAt)),
    signatureAt,
  );
  sealWithin(frame, sealedAt, plaintext.length, helloKey, nonce, head);
  return frame;
}

/** RSA-OAEP(K0), 256 bytes of the frame. */
export function wrappedKey(frame: Uint8Array): Uint8Array {
  return frame.subarray(wrappedAt, nonceAt);
}

/**
 * @param frame of the exact length
 * @returns the plaintext, of which nothing is believed yet
 * @throws Refusal `join.open`
 */
export function openHello(frame: Uint8Array, helloKey: Uint8Array): Buffer {
  const nonce = frame.subarray(nonceAt, nonceAt + nonceBytes);
  return openFrom(frame, sealedAt, helloKey, nonce, frame.subarray(0, sealedAt), 'join.open');
}

/**
 * Step 3 of HELLO's checks.
 * @throws Refusal `payload.kind`, `join.version`
 */
export function parseHello(plaintext: Buffer): Hello {
  if (plaintext[0] !== kinds.hello) throw new Refusal('payload.kind');
  const highest = plaintext[1] ?? 0;
  if (highest < version) throw new Refusal('join.version');
  return {
    version: highest,
    id: plaintext.subarray(idAt, identityAt),
    identity: plaintext.subarray(identityAt, instanceAt),
    instance: plaintext.subarray(instanceAt, randomAt),
    random: plaintext.subarray(randomAt, x25519At),
    x25519: plaintext.subarray(x25519At, mlkemAt),
    mlkem: plaintext.subarray(mlkemAt, hopKeyAt),
    hopKey: plaintext.subarray(hopKeyAt, codeAt),
    inviteCode: plaintext.subarray(codeAt, signatureAt),
  };
}

/**
 * Step 4 of HELLO's checks.
 * @throws Refusal `signature.hello`
 */
export function verifyHello(frame: Uint8Array, plaintext: Buffer, identity: Uint8Array, fingerprint: Uint8Array): void {
  const signed = [fingerprint, frame.subarray(0, sealedAt), plaintext.subarray(0, signatureAt)];
  if (!verifyParts(identity, plaintext.subarray(signatureAt), 'hello', ...signed)) throw new Refusal('signature.hello');
}
