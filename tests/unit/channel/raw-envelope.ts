import { createCipheriv } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';

/** Everything that an envelope is made of, so that a test can make one that nobody should. */
export interface RawEnvelope {
  /** 32 bytes. */
  key: Uint8Array;
  keyId: Uint8Array;
  /** The kind in the clear. */
  outer: number;
  /** The kind that is sealed. */
  inner: number;
  sequence: bigint;
  body: Uint8Array;
  /** 1 up, 2 down, 3 group. */
  direction: number;
  sender: Uint8Array;
  target: Uint8Array;
  epoch: bigint;
}

export function u64(value: bigint): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(value);
  return bytes;
}

export function rawMetadata(kind: number, keyId: Uint8Array, sequence: bigint): Buffer {
  return Buffer.concat([Buffer.of(1, 1, kind, 0), keyId, u64(sequence), systemEntropy.bytes(12)]);
}

/** PROTOCOL.md, The envelope, written down once more. */
export function rawEnvelope(
  { key, keyId, outer, inner, sequence, body, direction, sender, target, epoch }: RawEnvelope,
  metadata: Buffer = rawMetadata(outer, keyId, sequence),
): Uint8Array {
  const cipher = createCipheriv('aes-256-gcm', key, metadata.subarray(20), { authTagLength: 16 });
  cipher.setAAD(Buffer.concat([metadata, Buffer.of(direction), sender, target, u64(epoch)]));
  const sealed = [cipher.update(Buffer.of(inner)), cipher.update(body), cipher.final()];
  return Buffer.concat([metadata, ...sealed, cipher.getAuthTag()]);
}
