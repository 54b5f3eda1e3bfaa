import { constants, encapsulate, publicEncrypt, randomFillSync, type KeyObject } from 'node:crypto';

/** The channel's only source of chance: whoever holds this holds every key and nonce. */
export interface Entropy {
  /** Fresh random bytes, which belong to the caller, who may erase them. */
  bytes(length: number): Uint8Array;
  /** RSA-OAEP with SHA-256, MGF1 with SHA-256 and the protocol's label (RFC 8017 §7.1.1): 256 bytes. */
  wrapKey(rsa: KeyObject, key: Uint8Array): Uint8Array;
  /** ML-KEM-768 (FIPS 203 §7.2): a ciphertext of 1088 bytes and a secret of 32. */
  encapsulate(mlkem: KeyObject): { ciphertext: Uint8Array; sharedSecret: Uint8Array };
}

/** The options of RSA-OAEP on both sides (PROTOCOL.md, Primitives). */
export const oaep = {
  padding: constants.RSA_PKCS1_OAEP_PADDING,
  oaepHash: 'sha256',
  oaepLabel: Buffer.from('sealcast/1'),
};

const poolBytes = 4096;
const pool = Buffer.alloc(poolBytes);
let used = poolBytes;

/** From a pool, since a call of the system's generator costs more than sealing a message. What was given out is zeroed. */
function pooledBytes(length: number): Uint8Array {
  if (length > poolBytes) return randomFillSync(new Uint8Array(length));
  if (used + length > poolBytes) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = new Uint8Array(length);
  bytes.set(pool.subarray(used, used + length));
  pool.fill(0, used, used + length);
  used += length;
  return bytes;
}

export const systemEntropy: Entropy = {
  bytes: pooledBytes,
  wrapKey: (rsa, key) => publicEncrypt({ key: rsa, ...oaep }, key),
  encapsulate: (mlkem) => {
    const { ciphertext, sharedKey } = encapsulate(mlkem);
    return { ciphertext, sharedSecret: sharedKey };
  },
};
