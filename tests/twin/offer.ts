// PROTOCOL.md, OFFER and REFUSAL: what the master answers to a HELLO.
import { join, same, tagged, zero } from './bytes.ts';
import { header, kinds } from './envelope.ts';
import { joinKeys, type JoinKeys, prk, transcript2 } from './key-schedule.ts';
import {
  ed25519Sign,
  ed25519Verify,
  gcmOpen,
  gcmSeal,
  mlkemDecapsulate,
  mlkemEncapsulate,
  x25519Public,
  x25519Shared,
} from './primitives.ts';
import { refuse, refuseUnless } from './refused.ts';

export interface OfferChance {
  x25519Secret: Uint8Array;
  mlkemRandomness: Uint8Array;
  keyId: Uint8Array;
  nonce: Uint8Array;
}

export interface Agreed {
  h2: Uint8Array;
  PRK: Uint8Array;
  keys: JoinKeys;
}

/** OFFER[0..1124): what h2 is over. */
export function offerHead(x25519: Uint8Array, mlkemCiphertext: Uint8Array): Uint8Array {
  return join(header(kinds.OFFER), x25519, mlkemCiphertext);
}

export function offerSigned(h2: Uint8Array, keyId: Uint8Array): Uint8Array {
  return join(tagged('sealcast/1 offer'), h2, keyId);
}

export function sealOfferFrame(wrapKey: Uint8Array, head: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array) {
  const aad = join(head, nonce);
  return join(aad, gcmSeal(wrapKey, nonce, aad, plaintext));
}

export interface HelloView {
  h1: Uint8Array;
  K0: Uint8Array;
  x25519: Uint8Array;
  mlkem: Uint8Array;
}

export function makeOffer(
  signingSeed: Uint8Array,
  hello: HelloView,
  { x25519Secret, mlkemRandomness, keyId, nonce }: OfferChance,
): Agreed & { frame: Uint8Array; mlkemCiphertext: Uint8Array } {
  const mlkem = mlkemEncapsulate(hello.mlkem, mlkemRandomness) ?? refuse('join.key');
  const shared = x25519Shared(x25519Secret, hello.x25519) ?? refuse('join.key');
  const head = offerHead(x25519Public(x25519Secret), mlkem.ciphertext);
  const h2 = transcript2(hello.h1, head);
  const PRK = prk(h2, hello.K0, shared, mlkem.sharedSecret);
  const keys = joinKeys(PRK);
  const signature = ed25519Sign(signingSeed, offerSigned(h2, keyId));
  const frame = sealOfferFrame(keys.wrap, head, nonce, join(Uint8Array.of(kinds.OFFER), keyId, signature));
  return { frame, mlkemCiphertext: mlkem.ciphertext, h2, PRK, keys };
}

export interface NodeJoinSecrets {
  signing: Uint8Array;
  h1: Uint8Array;
  K0: Uint8Array;
  x25519Secret: Uint8Array;
  mlkemKey: Uint8Array;
}

/** @param frame whose header was checked */
export function openOffer(node: NodeJoinSecrets, frame: Uint8Array): Agreed & { keyId: Uint8Array } {
  const shared = x25519Shared(node.x25519Secret, frame.slice(4, 36)) ?? refuse('join.key');
  const h2 = transcript2(node.h1, frame);
  const PRK = prk(h2, node.K0, shared, mlkemDecapsulate(node.mlkemKey, frame.slice(36, 1124)));
  const keys = joinKeys(PRK);
  const plaintext =
    gcmOpen(keys.wrap, frame.slice(1124, 1136), frame.slice(0, 1136), frame.slice(1136)) ?? refuse('seal.open');
  refuseUnless(plaintext[0] === kinds.OFFER, 'payload.kind');
  const [keyId, signature] = [plaintext.slice(1, 9), plaintext.slice(9)];
  refuseUnless(ed25519Verify(node.signing, signature, offerSigned(h2, keyId)), 'signature.offer');
  refuseUnless(!same(keyId, zero(8)), 'join.key');
  return { h2, PRK, keys, keyId };
}

export function refusalSigned(h1: Uint8Array): Uint8Array {
  return join(tagged('sealcast/1 refusal'), h1);
}

export function sealRefusalFrame(refusalKey: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array): Uint8Array {
  const aad = join(header(kinds.REFUSAL), nonce);
  return join(aad, gcmSeal(refusalKey, nonce, aad, plaintext));
}

export function makeRefusal(signingSeed: Uint8Array, refusalKey: Uint8Array, h1: Uint8Array, nonce: Uint8Array) {
  const signature = ed25519Sign(signingSeed, refusalSigned(h1));
  return sealRefusalFrame(refusalKey, nonce, join(Uint8Array.of(kinds.REFUSAL), signature));
}

/** @param frame whose header was checked */
export function openRefusal(signing: Uint8Array, refusalKey: Uint8Array, h1: Uint8Array, frame: Uint8Array): void {
  const plaintext = gcmOpen(refusalKey, frame.slice(4, 16), frame.slice(0, 16), frame.slice(16)) ?? refuse('seal.open');
  refuseUnless(plaintext[0] === kinds.REFUSAL, 'payload.kind');
  refuseUnless(ed25519Verify(signing, plaintext.slice(1), refusalSigned(h1)), 'signature.refusal');
}
