import { Crowd } from '@sealcast/hop/front/crowd';
import { loopbackSource } from '@sealcast/hop/front/loopback-source';
import { addressGroup, plainAddress } from '@sealcast/hop/front/remote-address';
import { TokenBucket } from '@sealcast/hop/front/token-bucket';
import { Undelivered } from '@sealcast/hop/front/undelivered';
import { beginsGreeting, FrameScanner, greeting, greetsAs } from '@sealcast/hop/front/zmtp';
import type { PortName } from '@sealcast/hop/sockets';
import { expect, test } from 'vitest';
import { command, frame, frameHeader, more } from '../../stack/zmtp-peer.ts';

test.each([
  ['::ffff:192.0.2.7', '192.0.2.7', '192.0.2.7'],
  ['192.0.2.7', '192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8::7', '2001:db8::7', '2001:db8:0:0'],
  ['::1', '::1', '0:0:0:0'],
  ['fe80::1%eth0', 'fe80::1', 'fe80:0:0:0'],
])('%s is %s, and counts by %s', (address, plain, group) => {
  expect(plainAddress(address)).toBe(plain);
  expect(addressGroup(plain)).toBe(group);
});

test('an address for libzmq is in 127.0.0.0/8, outside what programs use, and no other live one', () => {
  const taken = new Set<string>();
  for (let count = 0; count < 1000; count += 1) {
    const source = loopbackSource((address) => taken.has(address));
    expect(taken.has(source)).toBe(false);
    expect(source).toMatch(/^127\.([1-9]|\d{2,3})\.\d{1,3}\.\d{1,3}$/);
    taken.add(source);
  }
});

test('frames are found in whatever chunks they come', () => {
  const stream = Buffer.concat([frame('abc', more), frame(Buffer.alloc(300)), frame('', command), frame('x')]);
  const expected = [{ size: 3 }, { size: 300 }, { size: 0 }, { size: 1 }];
  for (const step of [1, 2, 3, 7, 100, stream.length]) {
    const scanner = new FrameScanner();
    const found = [];
    for (let at = 0; at < stream.length; at += step)
      found.push(...(scanner.scan(stream.subarray(at, at + step)) ?? []));
    expect(found).toEqual(expected);
  }
});

test('a length that no number holds is still a large one, and an unknown flag is no frame', () => {
  expect(new FrameScanner().scan(frameHeader(2n ** 64n - 1n))?.[0]?.size).toBeGreaterThan(1e19);
  expect(new FrameScanner().scan(Buffer.from([0x08, 0]))).toBeUndefined();
});

test('a greeting is known by its first bytes, and by its mechanism', () => {
  const whole = greeting('curve');
  for (let length = 0; length <= whole.length; length += 1)
    expect(beginsGreeting(whole.subarray(0, length))).toBe(true);
  expect(beginsGreeting(Buffer.from('GET'))).toBe(false);
  expect(greetsAs(whole, 'curve')).toBe(true);
  expect(greetsAs(whole, 'plain')).toBe(false);
});

test('a bucket gives its burst at once, then its rate, and never more than its burst', () => {
  const bucket = new TokenBucket({ perSecond: 100, burst: 1000 }, 0);
  expect(bucket.take(1000, 0)).toBe(0);
  expect(bucket.take(50, 0)).toBe(500);
  expect(bucket.take(0, 500)).toBe(0);
  expect(bucket.take(1001, 1_000_000)).toBe(10);
});

class Holding {
  releases = 0;
  released(): void {
    this.releases += 1;
  }
}

test('what is delivered is taken off with all that came before it, from who has least under way', () => {
  const undelivered = new Undelivered(33);
  const [honest, endless] = [new Holding(), new Holding()];
  for (let count = 0; count < 10; count += 1) undelivered.began(endless, 133);
  undelivered.began(honest, 40);
  undelivered.began(honest, 133);
  undelivered.delivered(100);
  expect([honest.releases, endless.releases]).toEqual([1, 0]);
  expect(undelivered.cost(honest)).toBe(0);
  expect(undelivered.cost(endless)).toBe(10 * (133 + 64));
  undelivered.delivered(99);
  expect(undelivered.cost(endless)).toBe(10 * (133 + 64));
  undelivered.forget(endless);
  undelivered.delivered(100);
  expect(undelivered.cost(endless)).toBe(0);
});

class Peer {
  readonly group: string;
  readonly port: PortName;
  isAdmitted: boolean;
  readonly isRelay = false;
  why = '';
  constructor(group: string, isAdmitted = false, port: PortName = 'joinIn') {
    this.group = group;
    this.isAdmitted = isAdmitted;
    this.port = port;
  }
  cut(reason: string): void {
    this.why = reason;
  }
}

function crowd(evictsAdmitted: boolean) {
  return new Crowd<Peer>({ all: 3, perAddress: 2, evictsAdmitted });
}

test('where all are admitted, a newcomer to data is sent away, and one to join takes the place of the oldest', () => {
  for (const evicts of [true, false]) {
    const full = crowd(evicts);
    const peers = ['a', 'b', 'c', 'd'].map((group) => new Peer(group, true));
    for (const peer of peers) {
      full.add(peer);
      full.admitted(peer);
    }
    expect(peers.map(({ why }) => why)).toEqual(evicts ? ['cut.crowd', '', '', ''] : ['', '', '', 'cut.crowd']);
    expect(full.size).toBe(3);
  }
});

test('who waits for ZAP goes first, of all and of an address', () => {
  const full = crowd(false);
  const [admitted, waiting, newcomer] = [new Peer('a', true), new Peer('a'), new Peer('a')];
  for (const peer of [admitted, waiting]) full.add(peer);
  full.admitted(admitted);
  full.add(newcomer);
  expect([admitted.why, waiting.why, newcomer.why]).toEqual(['', 'cut.address', '']);
  const others = [new Peer('b'), new Peer('c')];
  for (const peer of others) full.add(peer);
  expect(newcomer.why).toBe('cut.crowd');
  expect(others.map(({ why }) => why)).toEqual(['', '']);
});

test('who of an address goes for a newcomer is drawn from all who wait', () => {
  const gone = new Set<number>();
  for (let round = 0; round < 200; round += 1) {
    const full = new Crowd<Peer>({ all: 9, perAddress: 3, evictsAdmitted: false });
    const peers = [0, 1, 2, 3].map(() => new Peer('a'));
    for (const peer of peers) full.add(peer);
    gone.add(peers.findIndex(({ why }) => why !== ''));
  }
  expect(gone).toEqual(new Set([0, 1, 2]));
});

test('who comes from many addresses drives out those of an address that has most there, on one port, and no others', () => {
  const full = new Crowd<Peer>({ all: 6, perAddress: 3, evictsAdmitted: true });
  const honest = [new Peer('h', false, 'joinIn'), new Peer('h', true, 'joinOut')];
  const crowds = ['a', 'b', 'a', 'b'].map((group) => new Peer(group, true));
  for (const peer of [...honest, ...crowds]) {
    full.add(peer);
    if (peer.isAdmitted) full.admitted(peer);
  }
  for (let newcomers = 0; newcomers < 20; newcomers += 1) {
    const [newcomer, another] = [new Peer('a'), new Peer('b')];
    full.add(newcomer);
    full.add(another);
  }
  expect(honest.map(({ why }) => why)).toEqual(['', '']);
  expect(full.size).toBe(6);
});
