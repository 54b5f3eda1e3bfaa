import { createPublicKey, privateDecrypt, type KeyObject } from 'node:crypto';
import { oaep, type Entropy } from './entropy.ts';
import { erase } from './keys.ts';
import type { TransportKey } from './master-keys.ts';

const k0Bytes = 32;
const modulusBits = 2048;

/** The master's end of RSA-OAEP(K0) (RFC 8017 §7.1.2). */
export class FirstKeyOpener {
  readonly #rsa: KeyObject;
  readonly #modulus: Buffer;
  readonly #entropy: Entropy;

  /** @throws Error where the key is not RSA-2048 with e = 65537, or its two halves do not belong together */
  constructor(key: TransportKey, entropy: Entropy) {
    const { modulusLength, publicExponent } = key.rsaPrivate.asymmetricKeyDetails ?? {};
    if (modulusLength !== modulusBits || publicExponent !== 65537n) {
      throw new Error('transport key: expected RSA of 2048 bits with e = 65537');
    }
    const rsaPublic = createPublicKey(key.rsaPrivate);
    if (!rsaPublic.export({ format: 'der', type: 'spki' }).equals(key.rsaSpki)) {
      throw new Error('transport key: expected the public half of the private key');
    }
    this.#rsa = key.rsaPrivate;
    this.#modulus = Buffer.from(rsaPublic.export({ format: 'jwk' }).n ?? '', 'base64url');
    this.#entropy = entropy;
  }

  /**
   * @param wrapped 256 bytes
   * @returns K0, or where it does not open a random one, after the same work: the seal then fails
   */
  open(wrapped: Uint8Array): Uint8Array {
    const random = this.#entropy.bytes(k0Bytes);
    const input = Buffer.from(wrapped);
    const inRange = Buffer.compare(input, this.#modulus) < 0;
    // OpenSSL would refuse a number that is not below the modulus before it calculates.
    if (!inRange) input[0] = 0;
    const opened = this.#decrypt(input);
    if (inRange && opened?.length === k0Bytes) {
      erase(random);
      return opened;
    }
    if (opened) erase(opened);
    return random;
  }

  // A failure is an error that is made, thrown and caught: microseconds that what opens would not take. So it takes them too.
  // Neither has its stack written down, which would be most of that time.
  #decrypt(input: Buffer): Buffer | undefined {
    let opened: Buffer | undefined;
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      opened = privateDecrypt({ key: this.#rsa, ...oaep }, input);
      throw new Error('OAEP opened');
    } catch {
      return opened;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  }
}
