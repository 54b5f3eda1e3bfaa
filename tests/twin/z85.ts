// ZeroMQ RFC 32: five characters for four bytes, big-endian base 85.
import { fromBigInt, join, toBigInt } from './bytes.ts';

const alphabet = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ.-:+=^!/*?&<>()[]{}@%$#';

export function toZ85(bytes: Uint8Array): string {
  if (bytes.length % 4 !== 0) throw new Error('z85: the number of bytes is a multiple of 4');
  let out = '';
  for (let at = 0; at < bytes.length; at += 4) {
    const value = Number(toBigInt(bytes.subarray(at, at + 4)));
    for (const weight of [85 ** 4, 85 ** 3, 85 ** 2, 85, 1]) out += alphabet[Math.floor(value / weight) % 85];
  }
  return out;
}

export function fromZ85(letters: string): Uint8Array {
  if (letters.length % 5 !== 0) throw new Error('z85: the number of characters is a multiple of 5');
  const groups = letters.match(/.{5}/gs) ?? [];
  return join(
    ...groups.map((group) => {
      const digits = Array.from(group, (letter) => alphabet.indexOf(letter));
      if (digits.includes(-1)) throw new Error('z85: a character that is not of the alphabet');
      const value = digits.reduce((sum, digit) => sum * 85 + digit, 0);
      if (value > 0xff_ff_ff_ff) throw new Error('z85: a group above 2³²−1');
      return fromBigInt(BigInt(value), 4);
    }),
  );
}
