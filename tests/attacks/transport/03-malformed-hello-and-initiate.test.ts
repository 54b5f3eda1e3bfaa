// The attacker knows the server's CURVE key, which stands in every invite, and speaks CurveZMQ by hand (ZeroMQ RFC 26): a wrong HELLO,
// or an honest one, and after the WELCOME that it brings a wrong INITIATE.
import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { frame, greeting } from '../../stack/zmtp-peer.ts';
import { AttackedMaster } from './attacked-master.ts';
import { CurveClient } from './curve-client.ts';

const versionAt = 6;
const keyAt = 80;
const boxAt = 120;
const cookieAt = 9;

function changed(bytes: Buffer, at: number, to: Uint8Array): Buffer {
  const copy = Buffer.from(bytes);
  copy.set(to, at);
  return copy;
}

/** From an honest HELLO. */
const hellos: [string, (hello: Buffer) => Buffer][] = [
  ['too short', (hello) => hello.subarray(0, -1)],
  ['too long', (hello) => Buffer.concat([hello, Buffer.alloc(1)])],
  ['its name alone', (hello) => hello.subarray(0, versionAt)],
  ['nothing', () => Buffer.alloc(0)],
  ['version 2.0', (hello) => changed(hello, versionAt, Buffer.from([2, 0]))],
  ['version 0.1', (hello) => changed(hello, versionAt, Buffer.from([0, 1]))],
  ['a box that is random', (hello) => changed(hello, boxAt, randomBytes(80))],
  ['a box with one bit flipped', (hello) => changed(hello, boxAt, Buffer.from([(hello[boxAt] ?? 0) ^ 1]))],
  ['a transient key that is all zero', (hello) => changed(hello, keyAt, Buffer.alloc(32))],
  ['a transient key of low order', (hello) => changed(hello, keyAt, Buffer.from([1, ...Buffer.alloc(31)]))],
  ['another name', (hello) => changed(hello, 1, Buffer.from('hello'))],
  ['a WELCOME', () => Buffer.concat([Buffer.from('\x07WELCOME'), randomBytes(160)])],
  ['an INITIATE', () => Buffer.concat([Buffer.from('\x08INITIATE'), randomBytes(300)])],
  ['a MESSAGE', () => Buffer.concat([Buffer.from('\x07MESSAGE'), randomBytes(100)])],
  ['random bytes', () => randomBytes(200)],
];

/** From an honest INITIATE and the cookie of somebody else's connection. */
const initiates: [string, (initiate: Buffer, cookie: Buffer) => Buffer][] = [
  [
    'its cookie with one bit flipped',
    (initiate) => changed(initiate, cookieAt + 50, Buffer.from([(initiate[59] ?? 0) ^ 1])),
  ],
  ['the cookie of another connection', (initiate, cookie) => changed(initiate, cookieAt, cookie)],
  ['a cookie that is all zero', (initiate) => changed(initiate, cookieAt, Buffer.alloc(96))],
  ['a box that is random', (initiate) => changed(initiate, 113, randomBytes(initiate.length - 113))],
  ['too short', (initiate) => initiate.subarray(0, 200)],
  ['a byte less', (initiate) => initiate.subarray(0, -1)],
  ['a byte more', (initiate) => Buffer.concat([initiate, Buffer.alloc(1)])],
  ['3,000 bytes more', (initiate) => Buffer.concat([initiate, Buffer.alloc(3000)])],
  ['a MESSAGE', () => Buffer.concat([Buffer.from('\x07MESSAGE'), randomBytes(100)])],
  ['garbage', () => Buffer.concat([Buffer.from('\x08INITIATE'), randomBytes(300)])],
];

test('malformed HELLO and INITIATE commands of CURVE are refused, and a real node joins meanwhile', async () => {
  await using master = await AttackedMaster.start();
  const { ports, serverKey } = master;
  const joining = master.join(1);
  const open: CurveClient[] = [];
  for (const port of [ports.joinIn, ports.dataIn]) {
    for (const [, wrong] of hellos) {
      const client = await CurveClient.greeted(port, serverKey);
      await client.send(wrong(client.hello()));
      open.push(client);
    }
    // HELLO as a message and not as a command.
    const plain = await CurveClient.greeted(port, serverKey);
    await plain.send(plain.hello(), 0);
    open.push(plain);
    for (const [, wrong] of initiates) {
      using other = await CurveClient.greeted(port, serverKey);
      const { cookie } = await other.welcomed();
      const client = await CurveClient.greeted(port, serverKey);
      await client.send(wrong(client.initiate(await client.welcomed(), curveKeyPair()), cookie));
      open.push(client);
    }
    const twice = await CurveClient.greeted(port, serverKey);
    await twice.welcomed();
    await twice.send(twice.hello());
    open.push(twice);
  }
  await Promise.all(open.map(({ peer }) => peer.closed));
  expect(open).toHaveLength(2 * (hellos.length + initiates.length + 2));
  expect(open.filter(({ peer }) => peer.received.includes('READY'))).toEqual([]);
  // Each is counted: libzmq refuses most, one is above a frame of the join port, and for the rest of a command it would wait.
  await master.haveCut('cut.frame', 1);
  const refused = async () => (await master.cuts('cut.handshake')) + (await master.cuts('cut.handshake-time'));
  await expect.poll(refused, { timeout: 10_000, interval: 200 }).toBe(open.length - 1);
  expect(await master.cuts('cut.handshake')).toBeGreaterThan(open.length / 2);
  await joining;
  // What was refused was the wrong part: without it, the same hand is let in to join, and to data is not.
  using honest = await CurveClient.greeted(ports.joinIn, serverKey);
  await honest.send(honest.initiate(await honest.welcomed(), curveKeyPair()));
  await honest.peer.hears('READY');
  using stranger = await CurveClient.greeted(ports.dataIn, serverKey);
  await stranger.send(stranger.initiate(await stranger.welcomed(), curveKeyPair()));
  await stranger.peer.hears('ERROR');
  await master.haveCutSome('cut.denied', 1);
  expect(await master.admin.nodes()).toHaveLength(1);
  await master.confirms(1, 'still here');
});

test('commands before the greeting, in pieces, and without an end are refused too', async () => {
  await using master = await AttackedMaster.start();
  const { ports, serverKey } = master;
  using early = await CurveClient.greeted(ports.joinIn, serverKey);
  const bytes = frame(early.hello(), 4);
  // Byte by byte it is an honest HELLO all the same.
  for (const byte of bytes) await early.peer.write(Buffer.from([byte]));
  await early.peer.hears('WELCOME');
  const [large, twice] = [
    await CurveClient.greeted(ports.joinIn, serverKey),
    await CurveClient.greeted(ports.joinIn, serverKey),
  ];
  await large.peer.write(
    Buffer.concat([frame(Buffer.alloc(4), 4).subarray(0, 1), Buffer.from([255]), Buffer.alloc(8192)]),
  );
  await twice.peer.write(greeting('CURVE'));
  await Promise.all([large.peer.closed, twice.peer.closed]);
  expect(twice.peer.received.includes('WELCOME')).toBe(false);
  await master.haveCutSome('cut.handshake-bytes', 1);
  await master.join(1);
});
