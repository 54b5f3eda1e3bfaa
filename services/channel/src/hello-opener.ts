import { exactly } from './bytes.ts';
import type { Entropy } from './entropy.ts';
import { Refusal } from './errors.ts';
import { FirstKeyOpener } from './first-key.ts';
import { openHello, wrappedKey } from './hello.ts';
import { erase, firstKeys } from './keys.ts';
import type { MasterKeys } from './master-keys.ts';

export interface OpenedHello {
  /** 32 bytes, the caller's to erase. */
  k0: Uint8Array;
  /** Of which nothing is believed yet. */
  plaintext: Buffer;
  /** Of the RSA key that opened it: SubjectPublicKeyInfo, DER. */
  rsaSpki: Uint8Array;
  /** The join topic, 16 bytes. */
  topic: Buffer;
  /** The refusal key, 32 bytes. */
  refusal: Buffer;
}

interface Door {
  opener: FirstKeyOpener;
  rsaSpki: Uint8Array;
}

/** Step 2 of HELLO's checks, with every RSA key that the master has. */
export class HelloOpener {
  readonly #doors: readonly Door[];
  readonly #fingerprint: Uint8Array;

  /**
   * @param rsa the newest key first
   * @throws Error where one is not what `TransportKey` says
   */
  constructor(rsa: MasterKeys['rsa'], fingerprint: Uint8Array, entropy: Entropy) {
    this.#doors = rsa.map((key) => ({
      opener: new FirstKeyOpener(key, entropy),
      rsaSpki: Uint8Array.from(key.rsaSpki),
    }));
    this.#fingerprint = exactly(32, fingerprint, 'master fingerprint');
  }

  /**
   * Tries every key, whichever opens the HELLO, so that the time tells nothing of it.
   * @param frame of the exact length
   * @throws Refusal `join.open`
   */
  open(frame: Uint8Array): OpenedHello {
    const opened = this.#doors.map((door) => this.#try(door, frame)).filter((one) => one !== undefined);
    const [newest, ...others] = opened;
    for (const { k0, plaintext, refusal } of others) erase(k0, plaintext, refusal);
    if (!newest) throw new Refusal('join.open');
    return newest;
  }

  #try({ opener, rsaSpki }: Door, frame: Uint8Array): OpenedHello | undefined {
    const k0 = opener.open(wrappedKey(frame));
    const { hello, topic, refusal } = firstKeys(k0, this.#fingerprint);
    try {
      return { k0, plaintext: openHello(frame, hello), rsaSpki, topic, refusal };
    } catch {
      erase(k0, refusal);
      return undefined;
    } finally {
      erase(hello);
    }
  }
}
