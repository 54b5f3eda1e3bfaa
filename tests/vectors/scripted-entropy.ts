import type { KeyObject } from 'node:crypto';
import type { Entropy } from '@sealcast/channel/entropy';
import { mlkemEncapsulate } from '../twin/primitives.ts';
import { oaepEncrypt, readSpki } from '../twin/rsa.ts';

export interface Script {
  /** what bytes() gives: the first of the length that is asked for, which then goes to the end */
  bytes: Uint8Array[];
  oaepSeed?: Uint8Array;
  mlkemRandomness?: Uint8Array;
}

/** Chance that is known beforehand: what the channel draws is what a vector says. */
export function scriptedEntropy(script: Script): Entropy {
  const left = [...script.bytes];
  return {
    bytes(length) {
      const at = left.findIndex((bytes) => bytes.length === length);
      const [next] = at < 0 ? [] : left.splice(at, 1);
      if (!next) throw new Error(`entropy: the script has no ${length} bytes`);
      left.push(next);
      // The one who asked may erase them.
      return Uint8Array.from(next);
    },
    wrapKey(rsa: KeyObject, key: Uint8Array) {
      const spki = readSpki(rsa.export({ format: 'der', type: 'spki' }));
      if (!spki || !script.oaepSeed) throw new Error('entropy: no OAEP seed in the script, or another RSA key');
      return oaepEncrypt(spki, key, script.oaepSeed);
    },
    encapsulate(mlkem: KeyObject) {
      const key = mlkem.export({ format: 'raw-public' });
      const made = script.mlkemRandomness && mlkemEncapsulate(Uint8Array.from(key), script.mlkemRandomness);
      if (!made) throw new Error('entropy: no ML-KEM randomness in the script, or a wrong key');
      return made;
    },
  };
}
