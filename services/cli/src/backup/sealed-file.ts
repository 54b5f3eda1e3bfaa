// The outside of a backup: a file of age (age-encryption.org/v1) under a passphrase, which any program for age opens too.
import { Readable } from 'node:stream';
import type { ReadableStream } from 'node:stream/web';
import { Decrypter, Encrypter } from 'age-encryption';
import { BackupError } from './backup-error.ts';
import { passphraseIdentity, passphraseRecipient } from './passphrase-key.ts';

const passphraseLeast = 12;
const firstLine = 'age-encryption.org/v1\n';

/** Throws BackupError where it is too short to keep anything safe. */
export function checkPassphrase(passphrase: string): void {
  if (passphrase.length < passphraseLeast)
    throw new BackupError(`the passphrase is too short: it guards every key, and needs ${passphraseLeast} characters`);
}

export async function sealed(plain: AsyncIterable<Uint8Array>, passphrase: string): Promise<AsyncIterable<Uint8Array>> {
  checkPassphrase(passphrase);
  const encrypter = new Encrypter();
  encrypter.addRecipient(passphraseRecipient(passphrase));
  return await encrypter.encrypt(webStream(plain));
}

/**
 * What `file` holds, chunk by chunk, each authenticated; that it is whole is known when it has ended. Everything that is wrong with it
 * is a BackupError, here or on the way.
 */
export async function* opened(file: AsyncIterable<Uint8Array>, passphrase: string): AsyncGenerator<Uint8Array> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(passphraseIdentity(passphrase));
  try {
    yield* await decrypter.decrypt(webStream(beginning(file)));
  } catch (cause) {
    if (cause instanceof BackupError) throw cause;
    throw new BackupError('the passphrase is wrong, or the backup is damaged or not whole', { cause });
  }
}

async function* beginning(file: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array | undefined = new Uint8Array(0);
  for await (const chunk of file) {
    if (held === undefined) {
      yield chunk;
      continue;
    }
    held = Buffer.concat([held, chunk]);
    if (held.length < firstLine.length) continue;
    if (!Buffer.from(held).toString('latin1').startsWith(firstLine)) throw notOne();
    yield held;
    held = undefined;
  }
  if (held !== undefined) throw notOne();
}

function notOne(): BackupError {
  return new BackupError('this is not a backup: it is no age file');
}

function webStream(chunks: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  return Readable.toWeb(Readable.from(chunks, { objectMode: false }));
}
