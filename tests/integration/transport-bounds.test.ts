// What a peer may take of a server, by real sockets: each bound of the front.
import { randomBytes } from 'node:crypto';
import { undeliveredMax } from '@sealcast/hop/front/limits';
import { expect, test } from 'vitest';
import { CurveClient } from '../attacks/transport/curve-client.ts';
import { firstOf, HopWire, lost } from '../stack/hop-wire.ts';
import { curveKeyPair } from 'zeromq';
import { frame, frameHeader, greeting, more, ready, subscribe, ZmtpPeer } from '../stack/zmtp-peer.ts';

test('who says nothing, and who only greets, is cut', async () => {
  await using wire = await HopWire.start();
  using silent = await ZmtpPeer.connect(wire.ports.dataIn);
  using polite = await ZmtpPeer.connect(wire.ports.joinOut);
  await polite.write(greeting('CURVE'));
  await Promise.all([silent.closed, polite.closed]);
  expect(wire.cuts('cut.handshake-time')).toBe(2);
});

test('who does not speak ZMTP is cut with the first byte that shows it', async () => {
  await using wire = await HopWire.start();
  using browser = await ZmtpPeer.connect(wire.ports.dataIn);
  await browser.write(Buffer.from('GET / HTTP/1.1\r\n\r\n'));
  using old = await ZmtpPeer.connect(wire.ports.dataIn);
  await old.write(greeting('CURVE', 2));
  await Promise.all([browser.closed, old.closed]);
  expect(wire.cuts('cut.protocol')).toBe(2);
});

test('a frame of 2^64 - 1 bytes is cut at its header, on every port', async () => {
  await using wire = await HopWire.start();
  for (const port of Object.values(wire.ports)) {
    using liar = await ZmtpPeer.connect(port);
    await liar.write(Buffer.concat([greeting('CURVE'), frameHeader(2n ** 64n - 1n)]));
    await liar.closed;
  }
  expect(wire.cuts('cut.frame')).toBe(4);
});

test('who sends more than a handshake before ZAP has let it in is cut', async () => {
  await using wire = await HopWire.start();
  using talker = await ZmtpPeer.connect(wire.ports.dataIn);
  await talker.write(Buffer.concat([greeting('CURVE'), frameHeader(60_000), Buffer.alloc(5000)]));
  await talker.closed;
  expect(wire.cuts('cut.handshake-bytes')).toBe(1);
});

test('a message on a join port that does not end is cut after a few frames', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using endless = await ZmtpPeer.null(wire.ports.joinIn, 'PUSH');
  let sent = 0;
  while (await endless.write(frame(Buffer.alloc(1000), more))) {
    sent += 1;
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(wire.cuts('cut.join-bytes')).toBe(1);
  expect(sent).toBeLessThan(5000);
  expect(wire.got).toEqual([]);
});

test('who says more than its handshake before it is let in is cut, and nothing of it is heard', async () => {
  const verdict = Promise.withResolvers<boolean>();
  await using wire = await HopWire.start({ mechanism: 'null', open: true, admits: () => verdict.promise });
  using hasty = await ZmtpPeer.connect(wire.ports.dataIn);
  await hasty.write(Buffer.concat([greeting('NULL'), ready('PUSH'), frame('early')]));
  await hasty.closed;
  verdict.resolve(true);
  expect(wire.cuts('cut.handshake-bytes')).toBe(1);
  using patient = await ZmtpPeer.null(wire.ports.dataIn, 'PUSH');
  await patient.write(frame('in time'));
  await wire.until(() => wire.got.length > 0);
  expect(wire.got.map(({ frame: one }) => String(one))).toEqual(['in time']);
});

test('a handshake that libzmq refuses is counted, and one that the peer gives up is not', async () => {
  await using wire = await HopWire.start();
  const serverKey = wire.serverKey;
  using leaver = await CurveClient.greeted(wire.ports.dataIn, serverKey);
  await leaver.welcomed();
  leaver.peer[Symbol.dispose]();
  using honest = await CurveClient.greeted(wire.ports.joinIn, serverKey);
  const keys = curveKeyPair();
  await honest.send(honest.initiate(await honest.welcomed(), keys));
  await honest.peer.hears('READY');
  using stranger = await CurveClient.greeted(wire.ports.dataIn, serverKey);
  await stranger.send(stranger.initiate(await stranger.welcomed(), keys));
  await stranger.peer.hears('ERROR');
  await stranger.peer.closed;
  expect([wire.cuts('cut.handshake'), wire.cuts('cut.denied')]).toEqual([0, 1]);
  using malformed = await CurveClient.greeted(wire.ports.joinIn, serverKey);
  await malformed.send(Buffer.alloc(200));
  using elsewhere = await CurveClient.greeted(wire.ports.dataIn, curveKeyPair().publicKey);
  await elsewhere.send(elsewhere.hello());
  await Promise.all([malformed.peer.closed, elsewhere.peer.closed]);
  expect([wire.cuts('cut.handshake'), wire.cuts('cut.denied')]).toEqual([2, 1]);
});

test('an honest join fits on a join port, with every step tried three times', async () => {
  await using wire = await HopWire.start();
  const push = wire.push('joinIn', wire.stranger());
  for (let count = 0; count < 3; count += 1) await push.send(Buffer.alloc(1714));
  for (let count = 0; count < 3; count += 1) await push.send(Buffer.alloc(81));
  await wire.until(() => wire.got.length === 6);
  expect(wire.cuts('cut.join-bytes')).toBe(0);
});

test.each(['curve', 'plain', 'null'] as const)('subscriptions without end are cut, under %s', async (mechanism) => {
  await using wire = await HopWire.start({ mechanism });
  const topics = Array.from({ length: 5000 }, () => randomBytes(16));
  const greedy = wire.sub('dataOut', wire.member(), topics);
  await lost(greedy);
  expect(wire.cuts('cut.subscriptions')).toBeGreaterThan(0);
});

test.each([
  ['dataOut', 'cut.subscriptions'],
  ['joinOut', 'cut.join-bytes'],
] as const)('on %s a hundred topics at once are more than a node needs', async (port, reason) => {
  await using wire = await HopWire.start();
  const topics = Array.from({ length: 100 }, () => randomBytes(16));
  await lost(wire.sub(port, wire.member(), topics));
  expect(wire.cuts(reason)).toBeGreaterThan(0);
});

test('a relay subscribes to the topics of its site at once', async () => {
  await using wire = await HopWire.start({ admits: () => 'relay', open: true });
  const relay = wire.sub('dataOut', wire.member(), [...Array.from({ length: 900 }, () => randomBytes(16)), 'mine']);
  const heard = relay.receive();
  const repeat = setInterval(() => wire.server.outlet.data(Buffer.from('mine'), Buffer.from('yes')), 20);
  expect((await heard).map(String)).toEqual(['mine', 'yes']);
  clearInterval(repeat);
  expect(wire.cuts('cut.subscriptions')).toBe(0);
});

test('subscriptions by hand are cut too, and those of a node are not', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using greedy = await ZmtpPeer.null(wire.ports.dataOut, 'SUB');
  while (await greedy.write(subscribe(randomBytes(16)))) await new Promise((resolve) => setImmediate(resolve));
  expect(wire.cuts('cut.subscriptions')).toBe(1);
  const node = wire.sub('dataOut', wire.member(), ['mine', ...Array.from({ length: 20 }, () => randomBytes(16))]);
  const heard = node.receive();
  const repeat = setInterval(() => wire.server.outlet.data(Buffer.from('mine'), Buffer.from('yes')), 20);
  expect((await heard).map(String)).toEqual(['mine', 'yes']);
  clearInterval(repeat);
  expect(wire.cuts('cut.subscriptions')).toBe(1);
});

test('one node that floods keeps no other waiting, and is held to its rate', async () => {
  await using wire = await HopWire.start();
  const flooder = wire.push('dataIn', wire.member(), { sendHighWaterMark: 10, immediate: true });
  const node = wire.push('dataIn', wire.member());
  expect(await firstOf(node)).toBe('handshake');
  const until = performance.now() + 3000;
  const over = new AbortController();
  const flood = async () => {
    while (!over.signal.aborted) await flooder.send(Buffer.alloc(60_000)).catch(() => undefined);
  };
  const flooding = flood();
  const waits: number[] = [];
  while (performance.now() < until) {
    const at = performance.now();
    const before = wire.got.filter(({ frame: one }) => one.length === 100).length;
    await node.send(Buffer.alloc(100));
    await wire.until(() => wire.got.filter(({ frame: one }) => one.length === 100).length > before);
    waits.push(performance.now() - at);
  }
  over.abort();
  const flooded = wire.got.length - waits.length;
  flooder.close();
  await flooding;
  expect(Math.max(...waits)).toBeLessThan(1000);
  // 4 MiB at once and 1 MiB a second, and what was on its way; without a rate it would be gigabytes.
  expect(flooded * 60_000).toBeLessThan(12_000_000);
  expect(flooded * 60_000).toBeGreaterThan(4_000_000);
});

test('where the join ports are full of silent connections, a real join gets through', async () => {
  await using wire = await HopWire.start();
  const crowd: ZmtpPeer[] = [];
  for (let count = 0; count < 600; count += 1)
    crowd.push(await ZmtpPeer.connect(wire.ports.joinIn, `127.0.0.${2 + (count % 12)}`));
  expect(wire.server.connections.join).toBe(512);
  const node = wire.push('joinIn', wire.stranger());
  await node.send('HELLO');
  await wire.until(() => wire.got.length === 1);
  expect(wire.cuts('cut.crowd')).toBeGreaterThanOrEqual(89);
  expect(crowd.slice(0, 512).some(({ isClosed }) => isClosed)).toBe(true);
  for (const peer of crowd) peer[Symbol.dispose]();
});

test('one address has 64 connections to the join ports, and its newest get through', async () => {
  await using wire = await HopWire.start();
  const crowd: ZmtpPeer[] = [];
  for (let count = 0; count < 65; count += 1) crowd.push(await ZmtpPeer.connect(wire.ports.joinOut));
  await Promise.race(crowd.map(({ closed }) => closed));
  expect(wire.cuts('cut.address')).toBe(1);
  // Who is drawn is one of those that were there.
  expect(crowd.at(-1)?.isClosed).toBe(false);
  const node = wire.push('joinIn', wire.stranger());
  await node.send('HELLO');
  await wire.until(() => wire.got.length === 1);
  for (const peer of crowd) peer[Symbol.dispose]();
});

test('one hop key has eight connections to the data ports, and its oldest goes', async () => {
  await using wire = await HopWire.start();
  const member = wire.member();
  const first = wire.push('dataIn', member, { reconnectInterval: -1 });
  expect(await firstOf(first)).toBe('handshake');
  const gone = lost(first);
  for (let count = 0; count < 8; count += 1) expect(await firstOf(wire.push('dataIn', member))).toBe('handshake');
  await gone;
  expect(wire.cuts('cut.key')).toBe(1);
  expect(wire.server.connections.data).toBe(8);
});

test.each(['curve', 'plain'] as const)(
  'who is removed is cut within a second, and nobody else, under %s',
  async (mechanism) => {
    await using wire = await HopWire.start({ mechanism });
    const [removed, stays] = [wire.member(), wire.member()];
    const sockets = [wire.push('dataIn', removed), wire.sub('dataOut', removed, ['']), wire.push('dataIn', stays)];
    expect(await Promise.all(sockets.map(firstOf))).toEqual(['handshake', 'handshake', 'handshake']);
    const gone = Promise.all(sockets.slice(0, 2).map(lost));
    const at = performance.now();
    wire.remove(removed);
    await gone;
    expect(performance.now() - at).toBeLessThan(1000);
    expect(wire.cuts('cut.removed')).toBe(2);
    // They come again, and are not let in.
    await wire.until(() => wire.cuts('cut.denied') >= 2);
    await (sockets[2] as ReturnType<HopWire['push']>).send('still here');
    await wire.until(() => wire.got.length === 1);
    expect(wire.server.connections.data).toBeLessThanOrEqual(3);
  },
);

test('who is admitted late or never is refused, and others meanwhile are not', async () => {
  const never = Promise.withResolvers<boolean>();
  let first = true;
  await using wire = await HopWire.start({
    open: true,
    admits: () => {
      const verdict = first ? never.promise : true;
      first = false;
      return verdict;
    },
  });
  const late = firstOf(wire.push('dataIn', wire.stranger()));
  await wire.until(() => !first);
  expect(await firstOf(wire.push('dataIn', wire.stranger()))).toBe('handshake');
  expect(await late).toBe('handshake:error:auth');
  expect(wire.cuts('cut.denied')).toBe(1);
});

const part = (length: number) => frame(Buffer.alloc(length), more);

test('two who have their bytes credited to one another hold no more than the bound for all, and who never ends is cut', async () => {
  const heldMax = 4 * undeliveredMax;
  await using wire = await HopWire.start({ mechanism: 'null', heldMax });
  using endless = await ZmtpPeer.null(wire.ports.dataIn, 'PUSH');
  using whole = await ZmtpPeer.null(wire.ports.dataIn, 'PUSH');
  const node = wire.push('dataIn', wire.member());
  using speaking = setInterval(() => void node.send('still here').catch(() => undefined), 50);
  const heard = () => wire.got.filter(({ frame: one }) => String(one) === 'still here').length;
  // So small that the limit of one bears two of them, where it is not in time once.
  const round = Buffer.concat([...Array.from({ length: 10 }, () => part(10_000)), part(1)]);
  const message = Buffer.concat([part(1), ...Array.from({ length: 22 }, () => part(10_001)), frame('last')]);
  let endlessBytes = 0;
  let isHeld = false;
  // The size that both have comes out of the second, and is taken for the first's, which has less under way.
  while (!isHeld) {
    expect(await endless.write(round)).toBe(true);
    // The server is in this process: it reads with each turn.
    for (let turn = 0; turn < 50; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    endlessBytes += round.length;
    const before = wire.refused.length;
    await whole.write(message);
    const late = new Promise((resolve) => setTimeout(resolve, 1000, 'held'));
    isHeld = (await Promise.race([late, wire.until(() => wire.refused.length > before)])) === 'held';
  }
  // The limit of each did not hold it back; that of all does.
  expect(endlessBytes).toBeGreaterThan(2 * undeliveredMax);
  expect(endlessBytes).toBeLessThan(heldMax + round.length);
  await endless.closed;
  expect(wire.cuts('cut.unfinished')).toBe(1);
  const before = heard();
  await wire.until(() => heard() > before + 10);
  expect(speaking.hasRef()).toBe(true);
});

test('while the receiver is busy the sender is held back, for however long, and nothing is lost or cut', async () => {
  await using wire = await HopWire.start();
  const pause = Promise.withResolvers<void>();
  wire.take = () => pause.promise;
  const node = wire.push('dataIn', wire.member());
  for (let count = 0; count < 60; count += 1) await node.send(Buffer.alloc(60_000));
  await wire.until(() => wire.got.length === 1);
  await new Promise((resolve) => setTimeout(resolve, 12_000));
  expect(wire.got).toHaveLength(1);
  pause.resolve();
  await wire.until(() => wire.got.length === 60);
  expect(wire.cuts('cut.unfinished')).toBe(0);
});

test('a server whose receiver takes nothing more can stop', async () => {
  const wire = await HopWire.start();
  wire.take = () => Promise.withResolvers<void>().promise;
  await wire.push('dataIn', wire.member()).send('for nobody');
  await wire.until(() => wire.got.length === 1);
  await expect(wire.server.stop()).resolves.toBeUndefined();
});
