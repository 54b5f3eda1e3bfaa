// PROTOCOL.md, HELLO.
import { join, same, tagged, u8, zero } from './bytes.ts';
import { checkHeader, header, joinFrameMax, kinds } from './envelope.ts';
import { helloKeys, masterFingerprint, prk0, transcript1 } from './key-schedule.ts';
import { ed25519Sign, ed25519Verify, gcmOpen, gcmSeal, mlkemEncapsulate, x25519Shared } from './primitives.ts';
import { refuse, refuseUnless } from './refused.ts';
import { oaepDecrypt, oaepEncrypt, type RsaPrivate, type RsaPublic, spki } from './rsa.ts';

export interface PinnedMaster {
  rsa: RsaPublic;
  signing: Uint8Array;
}

export interface MasterSecrets {
  rsa: RsaPrivate;
  /** newest first */
  olderRsa?: RsaPrivate[];
  signingSeed: Uint8Array;
  signing: Uint8Array;
}

export interface HelloFields {
  nodeVersion: number;
  nodeId: Uint8Array;
  identity: Uint8Array;
  instance: Uint8Array;
  random: Uint8Array;
  x25519: Uint8Array;
  mlkem: Uint8Array;
  hopKey: Uint8Array;
  inviteCode: Uint8Array;
}

/** frame[0..272), the AAD. */
export function helloHead(wrappedK0: Uint8Array, nonce: Uint8Array): Uint8Array {
  return join(header(kinds.HELLO), wrappedK0, nonce);
}

/** plaintext[0..1362). */
export function helloUnsigned(fields: HelloFields, innerKind: number = kinds.HELLO): Uint8Array {
  const { nodeVersion, nodeId, identity, instance, random, x25519, mlkem, hopKey, inviteCode } = fields;
  return join(u8(innerKind), u8(nodeVersion), nodeId, identity, instance, random, x25519, mlkem, hopKey, inviteCode);
}

export function helloSigned(fingerprint: Uint8Array, head: Uint8Array, unsigned: Uint8Array): Uint8Array {
  return join(tagged('sealcast/1 hello'), fingerprint, head, unsigned);
}

export function sealHelloFrame(helloKey: Uint8Array, head: Uint8Array, plaintext: Uint8Array): Uint8Array {
  return join(head, gcmSeal(helloKey, head.subarray(260), head, plaintext));
}

export interface HelloChance {
  K0: Uint8Array;
  oaepSeed: Uint8Array;
  nonce: Uint8Array;
}

export function makeHello(
  master: PinnedMaster,
  identitySeed: Uint8Array,
  fields: HelloFields,
  { K0, oaepSeed, nonce }: HelloChance,
): Uint8Array {
  const fingerprint = masterFingerprint(master.signing);
  const head = helloHead(oaepEncrypt(master.rsa, K0, oaepSeed), nonce);
  const unsigned = helloUnsigned(fields);
  const signature = ed25519Sign(identitySeed, helloSigned(fingerprint, head, unsigned));
  return sealHelloFrame(helloKeys(prk0(fingerprint, K0)).hello, head, join(unsigned, signature));
}

export interface OpenedHello {
  K0: Uint8Array;
  /** the RSA key that opened it is not the newest */
  olderKey: boolean;
  h1: Uint8Array;
  fields: HelloFields;
  /** what step 4 or 5 says, which is answered with REFUSAL */
  fault: string | undefined;
}

/** Steps 1 to 5. Throws for 1 to 3, which are not answered. */
export function openHello(master: MasterSecrets, frame: Uint8Array): OpenedHello {
  checkHeader(frame, [kinds.HELLO], joinFrameMax);
  const fingerprint = masterFingerprint(master.signing);
  const head = frame.slice(0, 272);
  const opened = [master.rsa, ...(master.olderRsa ?? [])].flatMap((rsa) => unwrap(rsa, fingerprint, frame) ?? []);
  const { rsa, K0, plaintext } = opened[0] ?? refuse('join.open');
  const fields = readFields(plaintext);
  refuseUnless(plaintext[0] === kinds.HELLO, 'payload.kind');
  refuseUnless(fields.nodeVersion >= 1, 'join.version');
  const signed = helloSigned(fingerprint, head, plaintext.subarray(0, 1362));
  const fault = ed25519Verify(fields.identity, plaintext.subarray(1362), signed)
    ? faultOfKeys(fields)
    : 'signature.hello';
  return { K0, olderKey: rsa !== master.rsa, h1: transcript1(fingerprint, spki(rsa), frame), fields, fault };
}

/** Step 2 with one key; undefined where it does not open. */
function unwrap(rsa: RsaPrivate, fingerprint: Uint8Array, frame: Uint8Array) {
  const head = frame.slice(0, 272);
  const K0 = oaepDecrypt(rsa, head.subarray(4, 260));
  if (K0?.length !== 32) return undefined;
  const key = helloKeys(prk0(fingerprint, K0)).hello;
  const plaintext = gcmOpen(key, head.subarray(260), head, frame.subarray(272));
  return plaintext && { rsa, K0, plaintext };
}

function readFields(plaintext: Uint8Array): HelloFields {
  return {
    nodeVersion: plaintext[1] ?? 0,
    nodeId: plaintext.slice(2, 18),
    identity: plaintext.slice(18, 50),
    instance: plaintext.slice(50, 66),
    random: plaintext.slice(66, 98),
    x25519: plaintext.slice(98, 130),
    mlkem: plaintext.slice(130, 1314),
    hopKey: plaintext.slice(1314, 1346),
    inviteCode: plaintext.slice(1346, 1362),
  };
}

/** Whether X25519 gives zero does not depend on the other secret, nor whether ML-KEM takes a key on the randomness. */
function faultOfKeys({ nodeId, instance, mlkem, x25519 }: HelloFields): string | undefined {
  const wellFormed =
    !same(nodeId, zero(16)) &&
    !same(instance, zero(16)) &&
    mlkemEncapsulate(mlkem, zero(32)) &&
    x25519Shared(new Uint8Array(32).fill(1), x25519);
  return wellFormed ? undefined : 'join.key';
}
