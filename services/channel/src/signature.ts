import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';

// Ed25519 (RFC 8032 §5.1). What is signed begins with a label, so that no signature serves for another.

export const signatureBytes = 64;

export type SignatureLabel = 'hello' | 'offer' | 'refusal' | 'broadcast' | 'rotate';

function message(label: SignatureLabel, parts: Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from(`sealcast/1 ${label}\0`), ...parts]);
}

/** @returns 64 bytes over `"sealcast/1 label" ‖ 0x00 ‖ parts` */
export function signParts(privateKey: KeyObject, label: SignatureLabel, ...parts: Uint8Array[]): Buffer {
  return sign(null, message(label, parts), privateKey);
}

/**
 * @param publicKey 32 bytes, from a peer or pinned; one that is no point or of small order verifies nothing
 * @param signature of another length than 64 bytes it verifies nothing
 */
export function verifyParts(
  publicKey: Uint8Array,
  signature: Uint8Array,
  label: SignatureLabel,
  ...parts: Uint8Array[]
): boolean {
  return verifies(publicKey, signature, message(label, parts));
}

/** As `verifyParts`, of a message as it is. */
export function verifies(publicKey: Uint8Array, signature: Uint8Array, signed: Uint8Array): boolean {
  if (!isCanonical(publicKey) || isSmallOrder(publicKey)) return false;
  try {
    const key = createPublicKey({ key: publicKey, format: 'raw-public', asymmetricKeyType: 'ed25519' });
    return verify(null, signed, key, signature);
  } catch {
    return false;
  }
}

/** y as hexadecimal digits of its little-endian encoding, without the sign of x. */
function encodedY(publicKey: Uint8Array): string {
  const y = Buffer.from(publicKey);
  y[31] = (y[31] ?? 0) & 0x7f;
  return y.toString('hex');
}

/** y is below p = 2²⁵⁵−19 (RFC 8032 §5.1.3). Whether OpenSSL asks for that is a matter of its version. */
function isCanonical(publicKey: Uint8Array): boolean {
  const y = encodedY(publicKey);
  return !(y.endsWith(`${'ff'.repeat(30)}7f`) && Number.parseInt(y.slice(0, 2), 16) >= 0xed);
}

/** The eight points whose order divides 8, by their y: anybody can sign for them. Some versions of OpenSSL take them. */
const smallOrder = new Set([
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
]);

function isSmallOrder(publicKey: Uint8Array): boolean {
  return smallOrder.has(encodedY(publicKey));
}
