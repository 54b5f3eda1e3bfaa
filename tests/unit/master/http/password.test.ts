import { argon2Sync } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashPassword } from '../../../../services/init/src/password.ts';
import { PasswordCheck } from '../../../../services/master/src/http/password.ts';

const plain = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');

function phc(password: string, memory = 64): string {
  const nonce = Buffer.alloc(16, 7);
  const options = { message: password, nonce, memory, passes: 1, parallelism: 1, tagLength: 32 };
  return `$argon2id$v=19$m=${memory},t=1,p=1$${plain(nonce)}$${plain(argon2Sync('argon2id', options))}`;
}

test('the right password matches and another does not', async () => {
  const check = new PasswordCheck();
  expect(await check.matches(phc('pässword'), 'pässword')).toBe(true);
  expect(await check.matches(phc('pässword'), 'passwörd')).toBe(false);
});

test('a password as init keeps it matches', async () => {
  expect(await new PasswordCheck().matches(hashPassword('k7fq-m3xz'), 'k7fq-m3xz')).toBe(true);
});

test('nobody has no password', async () => {
  expect(await new PasswordCheck().matches(undefined, '')).toBe(false);
});

test.for(['', '$2b$10$abc', phc('a').replace('argon2id', 'argon2i'), phc('a').replace('v=19', 'v=16')])(
  'a hash kept as "%s" is a fault of the master, not of the person',
  async (hash) => {
    await expect(new PasswordCheck().matches(hash, 'a')).rejects.toThrow('not kept as argon2id');
  },
);

test('hashes wait for one another, and too many are turned away', async () => {
  const check = new PasswordCheck();
  const hash = phc('a', 8192);
  const answers = await Promise.allSettled(Array.from({ length: 40 }, () => check.matches(hash, 'a')));
  const refused = answers.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(40 - 2 - 32);
  expect(refused[0]).toMatchObject({ reason: { code: 'master.busy', retryAfter: 1 } });
  expect(await check.matches(hash, 'a')).toBe(true);
});
