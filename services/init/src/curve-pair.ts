// CURVE keys as curve_keygen prints them: 32 bytes in Z85 (ZeroMQ RFC 32), 40 characters on a line.
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { curveKeyPair } from 'zeromq';
import { curveForNodes, curveKey, curvePublic } from './files.ts';
import { Complaint } from './findings.ts';
import type { PairKind } from './key-pair.ts';

const keyLength = 32;
// A CURVE pair is an X25519 pair; Node takes the raw secret inside the PKCS#8 frame of RFC 8410.
const pkcs8Frame = Buffer.from('302e020100300506032b656e04220420', 'hex');

/** The pair of the ZeroMQ hop. */
export const curvePair: PairKind = {
  privateFile: curveKey,
  publicFile: curvePublic,
  nodesFile: curveForNodes,
  make: () => Buffer.from(`${curveKeyPair().secretKey}\n`),
  publicOf(bytes) {
    const secret = decode(
      bytes,
      'Put the right file there; or move this one and curve.pub away, and init makes a new pair.',
    );
    const key = createPrivateKey({ key: Buffer.concat([pkcs8Frame, secret]), format: 'der', type: 'pkcs8' });
    return createPublicKey(key).export({ type: 'spki', format: 'der' }).subarray(-keyLength);
  },
  readPublic: (bytes) => decode(bytes, 'Delete it; init writes it anew.'),
  writePublic: (publicKey) => Buffer.from(`${encodeZ85(publicKey)}\n`),
};

function decode(bytes: Buffer, remedy: string): Buffer {
  const text = bytes.toString('latin1').replace(/\r?\n$/, '');
  try {
    const key = Buffer.from(decodeZ85(text));
    if (key.length === keyLength && key.some((byte) => byte !== 0)) return key;
  } catch (error) {
    throw notCurve(remedy, { cause: error });
  }
  throw notCurve(remedy);
}

function notCurve(remedy: string, options?: ErrorOptions): Complaint {
  return new Complaint(
    'holds no CURVE key: it should be 40 characters of Z85 and nothing else, and not all zero.',
    remedy,
    options,
  );
}
