import { createPrivateKey, createPublicKey, diffieHellman, encapsulate, randomBytes, sign } from 'node:crypto';
import { createCipheriv, createDecipheriv, hkdfSync, type KeyObject } from 'node:crypto';
import { systemEntropy, type Entropy } from '@sealcast/channel/entropy';
import { NodeJoin } from '@sealcast/channel/join-node';
import { firstKeys, firstTranscript, joinKeys, secondTranscript, type JoinKeys } from '@sealcast/channel/keys';
import { fingerprint, masterId } from '@sealcast/channel/master-keys';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import { hex, masterKeys, newNode, pinned } from './parties.ts';
import { rawEnvelope, type RawEnvelope } from './raw-envelope.ts';

// Joins of which a test knows every key, so that it can send what an honest side never would. The layouts are those of
// PROTOCOL.md, written down once more.

const print = fingerprint(masterKeys.signingPublic);

function seal(key: Uint8Array, nonce: Uint8Array, aad: Uint8Array, plaintext: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: 16 });
  cipher.setAAD(aad);
  return Buffer.concat([cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

function tagged(label: string, ...parts: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(`sealcast/1 ${label}\0`), ...parts]);
}

function x25519Of(secret: Uint8Array): { privateKey: KeyObject; publicKey: Buffer } {
  const privateKey = createPrivateKey({ key: secret, format: 'raw-private', asymmetricKeyType: 'x25519' });
  return { privateKey, publicKey: createPublicKey(privateKey).export({ format: 'raw-public' }) };
}

function mlkemPublicKey(): Buffer {
  const seed = { key: randomBytes(64), format: 'raw-seed', asymmetricKeyType: 'ml-kem-768' } as const;
  return createPublicKey(createPrivateKey(seed)).export({ format: 'raw-public' });
}

/** What a HELLO says; each part may be wrong. */
export interface HelloParts {
  kind: number;
  version: number;
  node: NodeIdentity;
  x25519: Uint8Array;
  mlkem: Uint8Array;
  code: Uint8Array;
  /** What the identity signs the HELLO for. */
  fingerprint: Uint8Array;
  /** The first key. */
  k0: Uint8Array;
}

/** A HELLO by hand, signed and sealed as it should be. */
export function rawHello(change: Partial<HelloParts> = {}): Uint8Array {
  const honest = {
    kind: 1,
    version: 1,
    node: newNode(),
    mlkem: mlkemPublicKey(),
    code: randomBytes(16),
    fingerprint: print,
  };
  const hello = { ...honest, x25519: x25519Of(randomBytes(32)).publicKey, k0: randomBytes(32), ...change };
  const { k0 } = hello;
  const head = Buffer.concat([
    Buffer.of(1, 1, 1, 0),
    systemEntropy.wrapKey(masterKeys.rsa[0].rsaPrivate, k0),
    randomBytes(12),
  ]);
  const { node } = hello;
  const content = Buffer.concat([
    Buffer.of(hello.kind, hello.version),
    node.id,
    node.publicKey,
    node.instance,
    randomBytes(32),
    hello.x25519,
    hello.mlkem,
    node.hopKey,
    hello.code,
  ]);
  const signature = sign(null, tagged('hello', hello.fingerprint, head, content), node.privateKey);
  const sealed = seal(firstKeys(k0, print).hello, head.subarray(260), head, Buffer.concat([content, signature]));
  return Buffer.concat([head, sealed]);
}

/** A node's join whose first key and ephemeral secret the test saw being drawn. */
export interface KnownJoin {
  node: NodeJoin;
  identity: NodeIdentity;
  h1: Uint8Array;
  /** The plaintext of its HELLO. */
  plaintext: Buffer;
  k0: Uint8Array;
  x25519Secret: Uint8Array;
}

export function knownJoin(code: Uint8Array, identity = newNode()): KnownJoin {
  const drawn: Uint8Array[] = [];
  const watched: Entropy = {
    ...systemEntropy,
    bytes: (length) => {
      const bytes = systemEntropy.bytes(length);
      drawn.push(Uint8Array.from(bytes));
      return bytes;
    },
  };
  const node = new NodeJoin(pinned, identity, code, watched);
  const [k0, , x25519Secret] = drawn;
  if (!k0 || !x25519Secret) throw new Error('expected K0, random and the X25519 secret to be drawn first');
  const opening = createDecipheriv('aes-256-gcm', firstKeys(k0, print).hello, node.hello.subarray(260, 272), {
    authTagLength: 16,
  });
  opening.setAAD(node.hello.subarray(0, 272));
  opening.setAuthTag(node.hello.subarray(1698));
  const plaintext = Buffer.concat([opening.update(node.hello.subarray(272, 1698)), opening.final()]);
  return { node, identity, h1: firstTranscript(print, pinned.rsa, node.hello), plaintext, k0, x25519Secret };
}

/** The keys of a join whose OFFER the master made. */
export function keysAfter(join: KnownJoin, offer: Uint8Array, mlkemSecret: Uint8Array): { keys: JoinKeys; h2: Buffer } {
  const { privateKey } = x25519Of(join.x25519Secret);
  const peer = { key: offer.subarray(4, 36), format: 'raw-public', asymmetricKeyType: 'x25519' } as const;
  const agreed = diffieHellman({ privateKey, publicKey: createPublicKey(peer) });
  const h2 = secondTranscript(join.h1, offer.subarray(0, 1124));
  return { keys: joinKeys(join.k0, agreed, mlkemSecret, h2), h2 };
}

/** What a node with CURVE proves its hop key by. */
export function hopProof({ identity }: KnownJoin, offer: Uint8Array, h2: Uint8Array): Uint8Array {
  const { hopSecret } = identity;
  if (hopSecret.mechanism !== 'curve') throw new Error('expected a node with CURVE');
  const { privateKey, publicKey } = x25519Of(hopSecret.secret);
  if (hex(publicKey) !== hex(identity.hopKey)) throw new Error('expected the hop key of the secret');
  const peer = { key: offer.subarray(4, 36), format: 'raw-public', asymmetricKeyType: 'x25519' } as const;
  const agreed = diffieHellman({ privateKey, publicKey: createPublicKey(peer) });
  return new Uint8Array(hkdfSync('sha256', agreed, h2, 'sealcast/1 hop proof', 32));
}

/** What an OFFER says; each part may be wrong. */
export interface OfferParts {
  kind: number;
  keyId: Uint8Array;
  signer: KeyObject;
  /** What the master signs besides the key id. */
  signed: Uint8Array;
}

/** An OFFER by hand to a known join, and the keys that it leads to. */
export function rawOffer(join: KnownJoin, change: Partial<OfferParts> = {}) {
  const ephemeral = x25519Of(randomBytes(32));
  const mlkem = {
    key: join.plaintext.subarray(130, 1314),
    format: 'raw-public',
    asymmetricKeyType: 'ml-kem-768',
  } as const;
  const { ciphertext, sharedKey } = encapsulate(createPublicKey(mlkem));
  const open = Buffer.concat([Buffer.of(1, 1, 2, 0), ephemeral.publicKey, ciphertext]);
  const h2 = secondTranscript(join.h1, open);
  const peer = { key: join.plaintext.subarray(98, 130), format: 'raw-public', asymmetricKeyType: 'x25519' } as const;
  const agreed = diffieHellman({ privateKey: ephemeral.privateKey, publicKey: createPublicKey(peer) });
  const keys = joinKeys(join.k0, agreed, sharedKey, h2);
  const parts = { kind: 2, keyId: randomBytes(8), signer: masterKeys.signingPrivate, signed: h2, ...change };
  const signature = sign(null, tagged('offer', parts.signed, parts.keyId), parts.signer);
  const head = Buffer.concat([open, randomBytes(12)]);
  const plaintext = Buffer.concat([Buffer.of(parts.kind), parts.keyId, signature]);
  const frame = Buffer.concat([head, seal(keys.wrap, head.subarray(1124), head, plaintext)]);
  return { frame, keys, h2, keyId: parts.keyId };
}

/** A REFUSAL by hand to a known join. */
export function rawRefusal(
  join: KnownJoin,
  change: { kind?: number; signer?: KeyObject; signed?: Uint8Array } = {},
): Uint8Array {
  const signature = sign(null, tagged('refusal', change.signed ?? join.h1), change.signer ?? masterKeys.signingPrivate);
  const head = Buffer.concat([Buffer.of(1, 1, 5, 0), randomBytes(12)]);
  const plaintext = Buffer.concat([Buffer.of(change.kind ?? 5), signature]);
  return Buffer.concat([head, seal(firstKeys(join.k0, print).refusal, head.subarray(4), head, plaintext)]);
}

/** A WELCOME by hand. */
export function rawWelcome(
  join: KnownJoin,
  keys: JoinKeys,
  keyId: Uint8Array,
  change: Partial<RawEnvelope>,
): Uint8Array {
  const ends = { sender: masterId(pinned.signing), target: join.identity.id };
  const honest = { key: keys.wrap, keyId, outer: 4, inner: 4, sequence: 1n, direction: 2, ...ends, epoch: 0n };
  return rawEnvelope({ ...honest, body: new Uint8Array(0), ...change });
}

/** A CONFIRM by hand. */
export function rawConfirm(
  join: KnownJoin,
  keys: JoinKeys,
  keyId: Uint8Array,
  change: Partial<RawEnvelope>,
): Uint8Array {
  const ends = { sender: join.identity.id, target: masterId(pinned.signing) };
  const honest = { key: keys.confirm, keyId, outer: 3, inner: 3, sequence: 1n, direction: 1, ...ends, epoch: 0n };
  return rawEnvelope({ ...honest, body: new Uint8Array(64), ...change });
}
