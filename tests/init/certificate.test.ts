import { afterAll, beforeAll, expect, test } from 'vitest';
import { Place } from './place.ts';

// What an authority of one's own gives out: a chain of three, and a key.
const issuer = new Place();
let given: Record<'chain' | 'key', string>;

beforeAll(() => {
  issuer.write('ext', 'basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n');
  issuer.write('leaf', 'subjectAltName=DNS:fleet.example.org,DNS:*.example.org\n');
  issuer.write('own/x', '');
  const made = (name: string, by: string, ext: string, days = 30) => {
    issuer.openssl('ecparam -name prime256v1 -genkey -noout -out own/key');
    issuer.openssl(`req -new -key own/key -subj /CN=${name} -out own/csr`);
    const sign = by === '' ? '-signkey own/key' : `-CA own/${by}.crt -CAkey own/${by}.key -CAcreateserial`;
    issuer.openssl(`x509 -req -in own/csr ${sign} -days ${days} -extfile ${ext} -out own/${name}.crt`);
    issuer.write(`own/${name}.key`, issuer.read('own/key'));
  };
  made('root', '', 'ext');
  made('middle', 'root', 'ext');
  made('leaf', 'middle', 'leaf');
  made('other', 'middle', 'leaf');
  made('nameless', 'middle', 'ext');
  made('late', 'middle', 'leaf', -1);
  const pem = (...names: string[]) => names.map((name) => issuer.read('own', `${name}.crt`)).join('');
  given = { chain: pem('leaf', 'middle', 'root'), key: issuer.read('own/leaf.key') };
});
afterAll(() => issuer[Symbol.dispose]());

const args = ['certificate'];
const certificate = (name: string): string => issuer.read('own', `${name}.crt`);
const key = (name: string): string => issuer.read('own', `${name}.key`);

test('what is given takes the place of what init has made, for the owner alone, and init keeps it from then on', async () => {
  using place = new Place();
  await place.init({ settings: { init_nodes: '0' } });
  const run = await place.init({ args, input: given.chain + given.key });
  expect(run).toMatchObject({ code: 0, stderr: '' });
  expect(run.stdout).toContain('fleet.example.org, *.example.org');
  expect(run.stdout).toContain('Where there is no nginx, the master takes it by itself');
  expect(run.stdout).not.toContain('PRIVATE');
  expect(run.stdout).toContain('docker compose kill -s HUP nginx');
  expect([place.mode('tls/tls.crt'), place.mode('tls/tls.key')]).toEqual(['0600', '0600']);
  expect(place.names('tls')).toEqual(['tls.crt', 'tls.key']);
  expect(place.read('tls/tls.crt')).toBe(given.chain);
  place.write('root.crt', certificate('root'));
  const verify = 'verify -CAfile root.crt -untrusted tls/tls.crt -verify_hostname fleet.example.org tls/tls.crt';
  expect(place.openssl(verify)).toBe('tls/tls.crt: OK\n');
  const before = place.snapshot();
  expect((await place.init({ settings: { init_nodes: '0' } })).code).toBe(0);
  expect(place.snapshot()).toEqual(before);
});

test('the order in which it comes does not matter, and what signs nothing is left out', async () => {
  using place = new Place();
  await place.init({ settings: { init_nodes: '0' } });
  const mixed = certificate('root') + certificate('other') + key('leaf') + certificate('middle') + certificate('leaf');
  expect((await place.init({ args, input: mixed })).code).toBe(0);
  expect(place.read('tls/tls.crt')).toBe(given.chain);
});

test.for([
  ['nothing', (): string => '', 'no private key'],
  ['no key', (): string => given.chain, 'no private key'],
  ['two keys', (): string => given.chain + given.key + key('other'), 'too much'],
  ['no end', (): string => given.chain + given.key + ' '.repeat(300_000), 'too much'],
  ['no certificate', (): string => given.key, 'no certificate that belongs'],
  ['another key', (): string => given.chain + key('other'), 'no certificate that belongs'],
  ['one that has expired', (): string => certificate('late') + key('late'), 'has expired'],
  ['one without a name', (): string => certificate('nameless') + key('nameless'), 'without a name'],
  ['a damaged one', (): string => given.chain.replace('MII', 'XXX') + given.key, 'is damaged'],
  [
    'a locked key',
    (): string => given.chain + given.key.replaceAll('EC PRIVATE', 'ENCRYPTED PRIVATE'),
    'locked with a pass phrase',
  ],
  [
    'a key that openssl locked in its older form',
    (): string => {
      issuer.openssl('ec -in own/leaf.key -aes256 -passout pass:secret -out own/locked.key');
      return given.chain + key('locked');
    },
    'locked with a pass phrase, and nobody can type it when the master starts. Unlock it: openssl pkey -in FILE -out NEW',
  ],
] as const)('%s is refused with what to give instead, and nothing changes', async ([, input, fault]) => {
  using place = new Place();
  await place.init({ settings: { init_nodes: '0' } });
  const before = place.snapshot();
  const run = await place.init({ args, input: input() });
  expect([run.code, run.stdout]).toEqual([1, '']);
  expect(run.stderr.replaceAll(/\s+/g, ' ')).toContain(fault);
  expect(run.stderr).not.toContain(given.key.split('\n')[1]);
  expect(place.snapshot()).toEqual(before);
});
