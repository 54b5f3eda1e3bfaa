import { generateKeyPairSync } from 'node:crypto';
import type * as Crypto from 'node:crypto';
import { beforeEach, expect, test, vi } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin, type PinnedMaster } from '@sealcast/channel/join-node';
import type { TransportKey } from '@sealcast/channel/master-keys';
import { Doorbook, masterKeys, newNode, offered, pinned, refusalOf, welcome } from './parties.ts';

const counted = vi.hoisted(() => ({ decrypted: 0 }));

vi.mock('node:crypto', async (importOriginal) => {
  const crypto = await importOriginal<typeof Crypto>();
  const privateDecrypt: typeof crypto.privateDecrypt = (key, buffer) => {
    counted.decrypted++;
    return crypto.privateDecrypt(key, buffer);
  };
  return { ...crypto, privateDecrypt };
});

function newTransportKey(): TransportKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { rsaPrivate: privateKey, rsaSpki: publicKey.export({ format: 'der', type: 'spki' }) };
}

const [older] = masterKeys.rsa;
const newest = newTransportKey();
const oldest = newTransportKey();
const underOlder: PinnedMaster = pinned;
const underNewest: PinnedMaster = { ...pinned, rsa: newest.rsaSpki };
const underOldest: PinnedMaster = { ...pinned, rsa: oldest.rsaSpki };
const underNone: PinnedMaster = { ...pinned, rsa: newTransportKey().rsaSpki };

let book: Doorbook;
let joins: MasterJoins;

beforeEach(() => {
  book = new Doorbook();
  joins = new MasterJoins({ ...masterKeys, rsa: [newest, older, oldest] }, systemEntropy, book.judge);
  counted.decrypted = 0;
});

function joinUnder(master: PinnedMaster) {
  const node = new NodeJoin(master, newNode(), book.invite(), systemEntropy);
  const reply = joins.confirm(offered(node, joins.hello(node.hello, 0).frame), 0, book.enrol);
  const last = node.receive(reply.frame);
  if (last.type !== 'welcome' || !reply.joined) throw new Error(`expected a welcome, got ${last.type}`);
  return { welcome: last.welcome, joined: reply.joined };
}

test('a node that knows the newest RSA key is told no other', () => {
  const { welcome: told, joined } = joinUnder(underNewest);
  expect(told).toEqual(welcome);
  expect(joined.olderKey).toBe(false);
});

test.each([
  ['the one before', underOlder],
  ['the one before that', underOldest],
])('a node that knows %s is told the newest RSA key, under which it joins next', (_, master) => {
  const { welcome: told, joined } = joinUnder(master);
  expect(told).toEqual({ ...welcome, rsa: Uint8Array.from(newest.rsaSpki) });
  expect(joined.olderKey).toBe(true);
  expect(joinUnder({ ...master, rsa: told.rsa ?? new Uint8Array(0) }).joined.olderKey).toBe(false);
});

test('a HELLO under an RSA key that the master has no more is refused in silence', () => {
  const { hello } = new NodeJoin(underNone, newNode(), book.invite(), systemEntropy);
  expect(refusalOf(() => joins.hello(hello, 0))).toBe('join.open');
});

test('a refused node can open its REFUSAL whichever RSA key it knows', () => {
  for (const master of [underNewest, underOlder, underOldest]) {
    const node = new NodeJoin(master, newNode(), undefined, systemEntropy);
    const reply = joins.hello(node.hello, 0);
    expect(reply.refused).toBe('join.invite');
    expect(node.receive(reply.frame).type).toBe('refused');
  }
});

test('the same HELLO again gets the same OFFER under an older RSA key too', () => {
  const { hello } = new NodeJoin(underOlder, newNode(), book.invite(), systemEntropy);
  const first = joins.hello(hello, 0);
  expect(joins.hello(hello, 0)).toBe(first);
  expect(joins.pending).toBe(1);
});

/** How many RSA keys were tried. */
function triesOf(master: PinnedMaster, take: (hello: Uint8Array) => void): number {
  counted.decrypted = 0;
  take(new NodeJoin(master, newNode(), book.invite(), systemEntropy).hello);
  return counted.decrypted;
}

test('every RSA key is tried on each HELLO, whichever opens it', () => {
  const opened = [underNewest, underOlder, underOldest].map((master) =>
    triesOf(master, (hello) => expect(joins.hello(hello, 0).refused).toBeUndefined()),
  );
  const refused = triesOf(underNone, (hello) => expect(refusalOf(() => joins.hello(hello, 0))).toBe('join.open'));
  expect([...opened, refused]).toEqual([3, 3, 3, 3]);
});

test('a key whose halves do not belong together is a wrong call, also where it is not the newest', () => {
  const wrong = { ...older, rsaSpki: newest.rsaSpki };
  const make = () => new MasterJoins({ ...masterKeys, rsa: [newest, wrong] }, systemEntropy, book.judge);
  expect(make).toThrow(/^transport key: /);
});
