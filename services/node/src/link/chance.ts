import type { Entropy } from '@sealcast/channel/entropy';

/** From 0 up to 1, so that nodes that lost their master together do not come back together. */
export function chance(entropy: Entropy): number {
  return Buffer.from(entropy.bytes(4)).readUInt32BE() / 2 ** 32;
}
