// ZeroMQ RFC 32: five characters for four bytes, base 85, big-endian.

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';
const digits = new Map(Array.from(alphabet, (letter, value) => [letter, value]));

/**
 * @param bytes a multiple of 4 long
 * @throws Error at another length
 */
export function encodeZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw new Error(`z85: expected a multiple of 4 bytes, got ${bytes.length}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let text = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const value = view.getUint32(at);
    for (let weight = 85 ** 4; weight >= 1; weight /= 85) text += alphabet.charAt(Math.floor(value / weight) % 85);
  }
  return text;
}

/**
 * @param text a multiple of 5 characters long, e.g. 40 for a CURVE key
 * @throws Error at another length, a character outside the alphabet, or five characters above 2³²−1
 */
export function decodeZ85(text: string): Uint8Array {
  if (text.length % 5 !== 0) throw new Error(`z85: expected a multiple of 5 characters, got ${text.length}`);
  const bytes = new Uint8Array((text.length / 5) * 4);
  const view = new DataView(bytes.buffer);
  for (let group = 0; group * 5 < text.length; group++) {
    let value = 0;
    for (const letter of text.slice(group * 5, group * 5 + 5)) {
      const digit = digits.get(letter);
      if (digit === undefined) throw new Error('z85: expected characters of the Z85 alphabet, got another');
      value = value * 85 + digit;
    }
    if (value > 0xffffffff) throw new Error('z85: expected groups up to 2³²−1, got a larger one');
    view.setUint32(group * 4, value);
  }
  return bytes;
}
