// The end of what a program wrote, as a receipt may carry it (PROTOCOL.md, Payloads: text). However much that is, little of it is held.
import { stripVTControlCharacters } from 'node:util';

const outputMaxBytes = 4096;
// Of what is dropped for the sake of what a person reads, colours above all, there may be three times as much.
const heldUnits = 4 * outputMaxBytes;

/** What several streams wrote, in the order in which it came. */
export class OutputTail {
  #held = '';

  /** @returns what takes the bytes of one stream; a character may be cut by their end */
  stream(): (bytes: Uint8Array) => void {
    const decoder = new TextDecoder();
    return (bytes) => {
      this.#held = (this.#held + decoder.decode(bytes, { stream: true })).slice(-heldUnits);
    };
  }

  /** At most 4096 bytes of UTF-8; "" where nothing was written that can be read. */
  get text(): string {
    const plain = stripVTControlCharacters(this.#held).replaceAll(/[^\P{Cc}\n\t]/gu, '');
    const bytes = Buffer.from(plain);
    let start = Math.max(0, bytes.length - outputMaxBytes);
    while (isInsideCharacter(bytes[start])) start += 1;
    return bytes.toString('utf8', start);
  }
}

function isInsideCharacter(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}
