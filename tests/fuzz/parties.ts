// Honest parties of whose joins and sessions a test knows every key, so that it can seal what an honest side never would.
// Layouts and sizes are the channel's own: what is fuzzed is what it makes of contents, not where they lie.
import { systemEntropy, type Entropy } from '@sealcast/channel/entropy';
import { agree, importMlkem, newMlkem, newX25519, openMlkem, type Ephemeral } from '@sealcast/channel/exchange';
import { helloBytes, kinds, nonceBytes, offerBytes, refusalBytes, tagBytes } from '@sealcast/channel/frame';
import { openHello, parseHello, type Hello } from '@sealcast/channel/hello';
import { proveHop } from '@sealcast/channel/hop-key';
import { NodeJoin } from '@sealcast/channel/join-node';
import {
  type FirstKeys,
  firstKeys,
  firstTranscript,
  type JoinKeys,
  joinKeys,
  secondTranscript,
} from '@sealcast/channel/keys';
import { fingerprint, masterId } from '@sealcast/channel/master-keys';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import { offerHead, offerParts, sealOffer } from '@sealcast/channel/offer';
import { sealRefusal } from '@sealcast/channel/refusal';
import { sealWithin } from '@sealcast/channel/seal';
import { Session } from '@sealcast/channel/session';
import { signatureBytes, signParts } from '@sealcast/channel/signature';
import { masterKeys, newNode, pinned } from '../unit/channel/parties.ts';
import { rawEnvelope } from '../unit/channel/raw-envelope.ts';

const print = fingerprint(masterKeys.signingPublic);
export const master = masterId(masterKeys.signingPublic);

/** A node's join that waits for its OFFER. */
export interface OpenJoin {
  node: NodeJoin;
  identity: NodeIdentity;
  k0: Uint8Array;
  first: FirstKeys;
  h1: Uint8Array;
  /** Of its HELLO. */
  plaintext: Buffer;
  said: Hello;
  x25519: Ephemeral;
  mlkem: Ephemeral;
}

export function openJoin(code: Uint8Array | undefined, identity = newNode()): OpenJoin {
  const drawn: Uint8Array[] = [];
  let k0: Uint8Array = new Uint8Array(0);
  const watched: Entropy = {
    ...systemEntropy,
    bytes(length) {
      const bytes = systemEntropy.bytes(length);
      drawn.push(Uint8Array.from(bytes));
      return bytes;
    },
    wrapKey(rsa, key) {
      k0 = Uint8Array.from(key);
      return systemEntropy.wrapKey(rsa, key);
    },
  };
  const node = new NodeJoin(pinned, identity, code, watched);
  const first = firstKeys(k0, print);
  const plaintext = openHello(node.hello, first.hello);
  const said = parseHello(plaintext);
  const made = (length: number, make: (entropy: Entropy) => Ephemeral, publicKey: Uint8Array) => {
    const secrets = drawn.filter((bytes) => bytes.length === length);
    const ephemerals = secrets.map((bytes) => make({ ...systemEntropy, bytes: () => Uint8Array.from(bytes) }));
    const found = ephemerals.find((ephemeral) => ephemeral.publicKey.equals(publicKey));
    if (!found) throw new Error('expected the join to draw the secret of what its HELLO says');
    return found;
  };
  const x25519 = made(32, newX25519, said.x25519);
  const mlkem = made(64, newMlkem, said.mlkem);
  return {
    node,
    identity,
    k0,
    first,
    h1: firstTranscript(print, pinned.rsa, node.hello),
    plaintext,
    said,
    x25519,
    mlkem,
  };
}

/** Seals another plaintext, as long, in place of the one that a frame of a join holds. */
function resealed(frame: Uint8Array, plaintext: Uint8Array, key: Uint8Array): Buffer {
  const copy = Buffer.from(frame);
  const sealedAt = copy.length - tagBytes - plaintext.length;
  copy.set(plaintext, sealedAt);
  const head = copy.subarray(0, sealedAt);
  sealWithin(copy, sealedAt, plaintext.length, key, head.subarray(-nonceBytes), head);
  return copy;
}

/** The join's HELLO with other contents under the right seal. */
export function helloWith({ node, first }: OpenJoin, plaintext: Uint8Array): Buffer {
  return resealed(node.hello, plaintext, first.hello);
}

/** The plaintext with the signature that the join's identity would put at its end. */
export function signedHello({ node, identity }: OpenJoin, plaintext: Uint8Array): Buffer {
  const head = node.hello.subarray(0, helloBytes - tagBytes - plaintext.length);
  const content = plaintext.subarray(0, plaintext.length - signatureBytes);
  return Buffer.concat([content, signParts(identity.privateKey, 'hello', print, head, content)]);
}

/** What a master could answer a join with. */
export interface Offered {
  frame: Buffer;
  plaintext: Buffer;
  keys: JoinKeys;
  keyId: Uint8Array;
  h2: Uint8Array;
}

const offerPlaintextBytes = 1 + 8 + signatureBytes;

export function offerTo({ said, k0, h1 }: OpenJoin): Offered {
  const ephemeral = newX25519(systemEntropy);
  const { ciphertext, sharedSecret } = systemEntropy.encapsulate(importMlkem(said.mlkem));
  const head = offerHead(ephemeral.publicKey, ciphertext);
  const h2 = secondTranscript(h1, head);
  const keys = joinKeys(k0, agree(ephemeral.privateKey, said.x25519), sharedSecret, h2);
  const keyId = systemEntropy.bytes(8);
  const nonce = systemEntropy.bytes(nonceBytes);
  const frame = sealOffer(head, nonce, keyId, h2, keys.wrap, masterKeys.signingPrivate);
  const plaintext = Buffer.concat([
    Buffer.of(kinds.offer),
    keyId,
    signParts(masterKeys.signingPrivate, 'offer', h2, keyId),
  ]);
  if (plaintext.length !== offerPlaintextBytes) throw new Error('expected another layout of OFFER');
  return { frame, plaintext, keys, keyId, h2 };
}

export function offerWith({ frame, keys }: Offered, plaintext: Uint8Array): Buffer {
  if (frame.length !== offerBytes) throw new Error('expected a whole OFFER');
  return resealed(frame, plaintext, keys.wrap);
}

/** The keys of a join whose OFFER somebody else made. */
export function keysAfter(
  { k0, h1, x25519, mlkem, identity }: OpenJoin,
  offer: Uint8Array,
): { keys: JoinKeys; h2: Uint8Array; proof: Uint8Array } {
  const { head, x25519: peer, mlkem: ciphertext } = offerParts(offer);
  const h2 = secondTranscript(h1, head);
  const keys = joinKeys(k0, agree(x25519.privateKey, peer), openMlkem(mlkem.privateKey, ciphertext), h2);
  return { keys, h2, proof: proveHop(identity.hopSecret, peer, h2) };
}

/** A REFUSAL to a join, and the plaintext that it seals. */
export function refusalOfJoin({ h1, first }: OpenJoin): { frame: Buffer; plaintext: Buffer } {
  const nonce = systemEntropy.bytes(nonceBytes);
  const frame = sealRefusal(h1, nonce, first.refusal, masterKeys.signingPrivate);
  const plaintext = Buffer.concat([Buffer.of(kinds.refusal), signParts(masterKeys.signingPrivate, 'refusal', h1)]);
  if (frame.length !== refusalBytes) throw new Error('expected a whole REFUSAL');
  return { frame, plaintext };
}

export function refusalWith(join: OpenJoin, plaintext: Uint8Array): Buffer {
  return resealed(refusalOfJoin(join).frame, plaintext, join.first.refusal);
}

/** What a hostile envelope says, the seal being right. */
export interface Contents {
  outer: number;
  inner: number;
  sequence: bigint;
  body: Uint8Array;
}

/** Two ends of a session, and what seals anything in either direction. */
export interface Ends {
  node: Session;
  master: Session;
  up: (contents: Contents) => Uint8Array;
  down: (contents: Contents) => Uint8Array;
}

export function sessionEnds(): Ends {
  const [up, down] = [systemEntropy.bytes(32), systemEntropy.bytes(32)];
  const [nodeId, keyId] = [systemEntropy.bytes(16), systemEntropy.bytes(8)];
  const keys = { keyId, topic: systemEntropy.bytes(16), nodeId, masterId: master, up, down };
  const ends = (sender: Uint8Array, target: Uint8Array) => ({ keyId, sender, target, epoch: 0n });
  return {
    node: new Session({ role: 'node', ...keys }, systemEntropy),
    master: new Session({ role: 'master', ...keys }, systemEntropy),
    up: (contents) => rawEnvelope({ key: up, direction: 1, ...ends(nodeId, master), ...contents }),
    down: (contents) => rawEnvelope({ key: down, direction: 2, ...ends(master, nodeId), ...contents }),
  };
}

/** An envelope of a join: CONFIRM up, WELCOME down. */
export function joinEnvelope(
  { identity }: OpenJoin,
  { key, keyId, up }: { key: Uint8Array; keyId: Uint8Array; up: boolean },
  contents: Contents,
): Uint8Array {
  const [sender, target] = up ? [identity.id, master] : [master, identity.id];
  return rawEnvelope({ key, keyId, direction: up ? 1 : 2, sender, target, epoch: 0n, ...contents });
}
