// Whether a CURVE pair from a file can be one at all. libzmq takes 32 zero bytes for a key, and leaves CURVE out where a client's
// server key is that.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { decodeZ85 } from '@sealcast/channel/z85';

const keyBytes = 32;
// A CURVE pair is an X25519 pair; Node takes the raw secret inside the PKCS#8 frame of RFC 8410.
const pkcs8Frame = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** Both in Z85: 32 bytes, not all zero, and the public key that of the secret. */
export function isCurvePair({ publicKey, secretKey }: { publicKey: string; secretKey: string }): boolean {
  try {
    const [known, secret] = [curveKeyOf(publicKey), curveKeyOf(secretKey)];
    const key = createPrivateKey({ key: Buffer.concat([pkcs8Frame, secret]), format: 'der', type: 'pkcs8' });
    return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-keyBytes).equals(known);
  } catch {
    return false;
  }
}

/** Throws where it is not 32 bytes in Z85, or all zero. */
export function curveKeyOf(z85: string): Buffer {
  const bytes = Buffer.from(decodeZ85(z85));
  if (bytes.length !== keyBytes || bytes.every((byte) => byte === 0))
    throw new Error('is not a CURVE key: 40 characters of Z85, not all zero');
  return bytes;
}
