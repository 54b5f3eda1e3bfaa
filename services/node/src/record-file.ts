// Records behind one another in a file that is only ever appended to. A record is its payload's length (u32), the first
// 4 bytes of SHA-256 of length and payload, and the payload; integers are big-endian. What a crash or a power cut leaves half written does not
// check, and is where the file ends.
import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';

const recordHeaderBytes = 8;
const maxPayloadBytes = 1 << 20;

export function encodeRecord(payload: Uint8Array): Buffer {
  const record = Buffer.allocUnsafe(recordHeaderBytes + payload.length);
  record.writeUInt32BE(payload.length, 0);
  record.set(payload, recordHeaderBytes);
  record.writeUInt32BE(checksum(record, payload.length), 4);
  return record;
}

// A CRC would do, but node:zlib for it would stay in memory. The length is in it too, so that a stretch of zeros, which some file systems leave after a power cut, is no record.
function checksum(record: Buffer, length: number): number {
  const hash = createHash('sha256').update(record.subarray(0, 4));
  return hash
    .update(record.subarray(recordHeaderBytes, recordHeaderBytes + length))
    .digest()
    .readUInt32BE(0);
}

const readAheadBytes = 1 << 16;

/**
 * The payloads from `offset` on, up to the end of the file or the first record that is not whole, with the offset behind
 * each. A payload is valid until the next is asked for.
 */
export function* readRecords(file: number, offset: number): Generator<{ payload: Buffer; end: number }> {
  let buffer = Buffer.allocUnsafeSlow(readAheadBytes);
  let start = offset; // of the buffer, in the file
  let filled = 0;
  let at = offset;
  const has = (bytes: number): boolean => {
    if (at + bytes <= start + filled) return true;
    if (bytes > buffer.length) buffer = Buffer.allocUnsafeSlow(bytes);
    start = at;
    filled = 0;
    while (filled < buffer.length) {
      const read = readSync(file, buffer, filled, buffer.length - filled, start + filled);
      if (read === 0) break;
      filled += read;
    }
    return filled >= bytes;
  };
  while (has(recordHeaderBytes)) {
    const length = buffer.readUInt32BE(at - start);
    const end = at + recordHeaderBytes + length;
    if (length === 0 || length > maxPayloadBytes || !has(recordHeaderBytes + length)) return;
    const record = buffer.subarray(at - start, end - start);
    if (record.readUInt32BE(4) !== checksum(record, length)) return;
    yield { payload: record.subarray(recordHeaderBytes), end };
    at = end;
  }
}
