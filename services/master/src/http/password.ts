// Passwords are kept as argon2id, written as a PHC string: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { HttpError } from './errors.ts';

const argon2Async = promisify(argon2);

/** Each takes 19 MiB and a thread. */
const atOnce = 2;
const waitingMax = 32;
const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;

/** Random, so that no password has it; at the cost of every other. */
const nobody = `$argon2id$v=19$m=19456,t=2,p=1$${unpadded(randomBytes(16))}$${unpadded(randomBytes(32))}`;

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

export class PasswordCheck {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Takes the same time where `hash` is undefined, and is then false. Throws `master.busy` where too many wait. */
  async matches(hash: string | undefined, password: string): Promise<boolean> {
    await this.#turn();
    try {
      return await matchesPhc(hash ?? nobody, password);
    } finally {
      this.#running -= 1;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    if (this.#waiting.length >= waitingMax) throw new HttpError('master.busy', 1);
    if (this.#running >= atOnce) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#running += 1;
  }
}

async function matchesPhc(text: string, password: string): Promise<boolean> {
  const [, memory, passes, parallelism, salt, hash] = phc.exec(text) ?? [];
  if (salt === undefined || hash === undefined) throw new Error('a password is not kept as argon2id');
  const expected = Buffer.from(hash, 'base64');
  const found = await argon2Async('argon2id', {
    message: password,
    nonce: Buffer.from(salt, 'base64'),
    parallelism: Number(parallelism),
    tagLength: expected.length,
    memory: Number(memory),
    passes: Number(passes),
  });
  return timingSafeEqual(found, expected);
}
