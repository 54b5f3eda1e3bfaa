import { join, text, u64 } from './bytes.ts';
import { sha256 } from './primitives.ts';

/** Bytes that look random and are the same for the same seed and label: SHA-256(seed ‖ ": " ‖ label ‖ u64 block) … */
export type Chance = (label: string, length: number) => Uint8Array;

export function chanceFrom(seed: string): Chance {
  return (label, length) => {
    const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, block) =>
      sha256(text(`${seed}: ${label}`), u64(block)),
    );
    return join(...blocks).subarray(0, length);
  };
}
