// Passwords, and argon2id hashes of them as PHC strings: $argon2id$v=19$m=19456,t=2,p=1$salt$hash
import { argon2Sync, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';

// OWASP's second choice for argon2id: 19 MiB, two passes, one lane.
const memoryKib = 19456;
const passes = 2;
const lanes = 1;
const saltLength = 16;
const hashLength = 32;

// No letter or digit that looks like another: i, l, o, 0 and 1 are left out.
const alphabet = 'abcdefghjkmnpqrstuvwxyz23456789';
const groups = 4;
const groupLength = 4;

/** 79 bits that a person can type: `k7fq-m3xz-9hwp-t4ra`. */
export function makePassword(): string {
  return Array.from({ length: groups }, makeGroup).join('-');
}

function makeGroup(): string {
  return Array.from({ length: groupLength }, () => alphabet.charAt(randomInt(alphabet.length))).join('');
}

export function hashPassword(password: string): string {
  const salt = randomBytes(saltLength);
  const hash = argon2(password, salt, { memory: memoryKib, passes, parallelism: lanes, tagLength: hashLength });
  return `$argon2id$v=19$m=${memoryKib},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(hash)}`;
}

export interface PasswordHash {
  readonly salt: Buffer;
  readonly hash: Buffer;
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

/** Undefined where `phc` is no argon2id hash of costs that can be paid. */
export function readHash(phc: string): PasswordHash | undefined {
  const [, m, t, p, salt, hash] =
    /^\$argon2id\$v=19\$m=(\d{1,6}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/.exec(
      phc,
    ) ?? [];
  const [memory, time, parallelism] = [Number(m), Number(t), Number(p)];
  if (salt === undefined || hash === undefined || time < 1 || parallelism < 1 || memory < 8 * parallelism)
    return undefined;
  return { salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64'), memory, passes: time, parallelism };
}

export function isPassword(password: string, { salt, hash, ...costs }: PasswordHash): boolean {
  return timingSafeEqual(argon2(password, salt, { ...costs, tagLength: hash.length }), hash);
}

interface Costs {
  memory: number;
  passes: number;
  parallelism: number;
  tagLength: number;
}

function argon2(message: string, nonce: Buffer, costs: Costs): Buffer {
  return argon2Sync('argon2id', { message, nonce, ...costs });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}
