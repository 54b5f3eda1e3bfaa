// age's stanza for a passphrase (age-encryption.org/v1, scrypt), with Node's own scrypt: the library's takes six times as long, and
// twice the memory, beside a master that may have little to spare.
import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { promisify } from 'node:util';
import { type Identity, type Recipient, Stanza } from 'age-encryption';
import { BackupError } from './backup-error.ts';

const scryptAsync = promisify<string, Buffer, number, object, Buffer>(scrypt);

/** log₂ N: scrypt takes 128 MiB with it. */
const workFactor = 17;
/** What age itself chooses. A file that asks for more could take all memory. */
const workFactorMax = 18;
const label = Buffer.from('age-encryption.org/v1/scrypt');
const cipher = 'chacha20-poly1305';
const nonce = Buffer.alloc(12);
const tag = { authTagLength: 16 };

async function wrapKey(passphrase: string, salt: Uint8Array, logN: number): Promise<Buffer> {
  const N = 2 ** logN;
  return await scryptAsync(passphrase, Buffer.concat([label, salt]), 32, {
    N,
    r: 8,
    p: 1,
    maxmem: 129 * N * 8 + 2 ** 20,
  });
}

export function passphraseRecipient(passphrase: string): Recipient {
  return {
    async wrapFileKey(fileKey) {
      const salt = randomBytes(16);
      const seal = createCipheriv(cipher, await wrapKey(passphrase, salt, workFactor), nonce, tag);
      const body = Buffer.concat([seal.update(fileKey), seal.final(), seal.getAuthTag()]);
      return [new Stanza(['scrypt', unpadded(salt), String(workFactor)], body)];
    },
  };
}

/** Gives no key where the passphrase is another. Throws BackupError where it is no file that passphraseRecipient made. */
export function passphraseIdentity(passphrase: string): Identity {
  return {
    async unwrapFileKey(stanzas) {
      const [{ args, body } = { args: [], body: Buffer.alloc(0) }] = stanzas;
      const [type, saltText = '', factor = ''] = args;
      const salt = Buffer.from(saltText, 'base64');
      const isOurs = stanzas.length === 1 && type === 'scrypt' && args.length === 3 && body.length === 32;
      if (!isOurs || !/^[1-9]\d?$/.test(factor) || salt.length !== 16 || unpadded(salt) !== saltText)
        throw new BackupError('this is not a backup: it is not sealed with a passphrase');
      if (Number(factor) > workFactorMax)
        throw new BackupError(`this is not a backup of Sealcast: its passphrase has the work factor ${factor}`);
      const open = createDecipheriv(cipher, await wrapKey(passphrase, salt, Number(factor)), nonce, tag);
      open.setAuthTag(body.subarray(16));
      try {
        return Buffer.concat([open.update(body.subarray(0, 16)), open.final()]);
      } catch {
        return null;
      }
    },
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
