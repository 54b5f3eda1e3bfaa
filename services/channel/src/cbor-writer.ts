import { cborDepth } from './constants.ts';

// RFC 8949 §3.1, the upper three bits of an item's first byte.
const unsigned = 0x00;
const negative = 0x20;
const byteString = 0x40;
const textString = 0x60;
const array = 0x80;
const map = 0xa0;

const word = 2 ** 32;

/**
 * Writes the core deterministic encoding (RFC 8949 §4.2.1). The encoder of cborg, which reads here, gives some numbers of half
 * precision in single precision.
 */
export class CborWriter {
  #bytes = Buffer.allocUnsafe(1024);
  #length = 0;

  /** @throws Error where a value has no encoding in the protocol */
  write(value: unknown, depth = 0): void {
    if (typeof value === 'number') this.#writeNumber(value);
    else if (typeof value === 'string') this.#writeText(value);
    else if (typeof value === 'boolean') this.#writeByte(value ? 0xf5 : 0xf4);
    else if (value === null) this.#writeByte(0xf6);
    else if (value instanceof Uint8Array) this.#writeBytes(value);
    else if (typeof value === 'object') this.#writeContainer(value, depth + 1);
    else throw new Error(`cbor: ${typeof value} has no encoding`);
  }

  /** A copy of what was written. */
  bytes(): Uint8Array {
    return Uint8Array.from(this.#bytes.subarray(0, this.#length));
  }

  #writeNumber(value: number): void {
    if (!Number.isFinite(value) || Object.is(value, -0)) throw new Error('cbor: NaN, infinity or -0 has no encoding');
    if (!Number.isInteger(value)) this.#writeFloat(value);
    else if (!Number.isSafeInteger(value)) throw new Error('cbor: an integer beyond ±(2⁵³−1) has no encoding');
    else if (value < 0) this.#writeHead(negative, -1 - value);
    else this.#writeHead(unsigned, value);
  }

  #writeFloat(value: number): void {
    const at = this.#grow(9);
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + at, 9);
    if (Math.f16round(value) === value) {
      view.setUint8(0, 0xf9);
      view.setFloat16(1, value);
      this.#length += 3;
    } else if (Math.fround(value) === value) {
      view.setUint8(0, 0xfa);
      view.setFloat32(1, value);
      this.#length += 5;
    } else {
      view.setUint8(0, 0xfb);
      view.setFloat64(1, value);
      this.#length += 9;
    }
  }

  #writeText(value: string): void {
    if (!value.isWellFormed()) throw new Error('cbor: text with half a surrogate pair has no encoding');
    const length = Buffer.byteLength(value);
    this.#writeHead(textString, length);
    const at = this.#grow(length);
    this.#length += this.#bytes.write(value, at);
  }

  #writeBytes(value: Uint8Array): void {
    this.#writeHead(byteString, value.length);
    const at = this.#grow(value.length);
    this.#bytes.set(value, at);
    this.#length += value.length;
  }

  #writeContainer(value: object, depth: number): void {
    if (depth > cborDepth) throw new Error(`cbor: deeper than ${cborDepth}`);
    if (Array.isArray(value)) {
      this.#writeHead(array, value.length);
      for (const item of value) this.write(item, depth);
      return;
    }
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null)
      throw new Error('cbor: only plain objects have an encoding');
    const entries = Object.entries(value).map(([key, item]) => ({
      key,
      utf8: Buffer.from(key),
      item: item as unknown,
    }));
    entries.sort((a, b) => a.utf8.length - b.utf8.length || Buffer.compare(a.utf8, b.utf8));
    this.#writeHead(map, entries.length);
    for (const { key, item } of entries) {
      this.#writeText(key);
      this.write(item, depth);
    }
  }

  /** The first byte and the argument, in the fewest bytes that hold it. */
  #writeHead(major: number, argument: number): void {
    const at = this.#grow(9);
    if (argument < 24) {
      this.#bytes[at] = major + argument;
      this.#length += 1;
    } else if (argument < 0x100) {
      this.#bytes[at] = major + 24;
      this.#length = this.#bytes.writeUInt8(argument, at + 1);
    } else if (argument < 0x10000) {
      this.#bytes[at] = major + 25;
      this.#length = this.#bytes.writeUInt16BE(argument, at + 1);
    } else if (argument < word) {
      this.#bytes[at] = major + 26;
      this.#length = this.#bytes.writeUInt32BE(argument, at + 1);
    } else {
      this.#bytes[at] = major + 27;
      this.#bytes.writeUInt32BE(Math.floor(argument / word), at + 1);
      this.#length = this.#bytes.writeUInt32BE(argument % word, at + 5);
    }
  }

  #writeByte(byte: number): void {
    // Not in one: the buffer that is there before growing is not the one that is there after.
    const at = this.#grow(1);
    this.#bytes[at] = byte;
    this.#length++;
  }

  /** @returns where the next byte goes, and `room` bytes are free from there */
  #grow(room: number): number {
    const needed = this.#length + room;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    return this.#length;
  }
}
