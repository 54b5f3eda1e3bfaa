import { readFileSync } from 'node:fs';
import { Transport } from '@sealcast/master/transport/transport';
import { decodeZ85 } from '@sealcast/channel/z85';
import { createLog } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import { expect, test, vi } from 'vitest';
import { killTransport, transportProcesses, TransportWire } from '../stack/transport-wire.ts';

test('frames go both ways through the process', async () => {
  await using wire = await TransportWire.start();
  const push = wire.push();
  await push.send('up');
  await wire.until(() => wire.got.length > 0);
  expect(wire.got.map(String)).toEqual(['up']);
  const sub = wire.sub('topic');
  const heard = sub.receive();
  const repeat = setInterval(() => wire.transport.outlet.data(Buffer.from('topic'), Buffer.from('down')), 20);
  expect((await heard).map(String)).toEqual(['topic', 'down']);
  clearInterval(repeat);
});

test('a process that was killed is started again, the master says why, and a node goes on by itself', async () => {
  await using wire = await TransportWire.start();
  const push = wire.push();
  await push.send('before');
  await wire.until(() => wire.got.length === 1);
  expect(wire.transport.status()).toMatchObject({ up: true, restarts: 0 });
  killTransport('SIGABRT');
  await wire.until(() => wire.statuses.some(({ up }) => !up));
  await wire.until(() => wire.transport.status().up);
  expect(wire.transport.status().restarts).toBe(1);
  expect(wire.lines.find(({ msg }) => msg?.includes("the transport's process ended"))).toMatchObject({
    signal: 'SIGABRT',
  });
  await push.send('after');
  await wire.until(() => wire.got.length === 2);
  expect(String(wire.got[1])).toBe('after');
});

test('what ends the process is told with the last of what it wrote', async () => {
  await using wire = await TransportWire.start();
  // Node writes a report of an uncaught failure there; a terminated libzmq its assertion.
  killTransport('SIGSEGV');
  await wire.until(() => wire.lines.length > 0);
  expect(wire.lines[0]).toHaveProperty('stderr');
  expect(wire.lines[0]).toMatchObject({ signal: 'SIGSEGV', againInMs: 250 });
});

test('a process that ends again and again is waited for longer each time', async () => {
  await using wire = await TransportWire.start();
  const waits = () => wire.lines.map(({ againInMs }) => againInMs).filter((ms) => ms !== undefined);
  for (const count of [1, 2, 3]) {
    killTransport('SIGKILL');
    await wire.until(() => waits().length === count);
    await wire.until(() => wire.transport.status().restarts === count && wire.transport.status().up);
  }
  expect(waits()).toEqual([250, 500, 1000]);
});

test('stopping ends the process, and nothing is started again', async () => {
  const wire = await TransportWire.start();
  expect(transportProcesses()).toHaveLength(1);
  await wire[Symbol.asyncDispose]();
  expect(transportProcesses()).toEqual([]);
  expect(wire.lines).toEqual([]);
});

test('a master that is stopped while the process waits to be started again starts none', async () => {
  const wire = await TransportWire.start();
  killTransport('SIGKILL');
  await wire.until(() => wire.lines.length > 0);
  await wire.transport.stop();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(transportProcesses()).toEqual([]);
});

test('a port that is taken is told to the operator, and no process stays', async () => {
  await using wire = await TransportWire.start();
  const second = new Transport({
    host: '127.0.0.1',
    ports: wire.ports,
    credentials: { mechanism: 'curve', ...wire.server },
    admits: () => false,
    log: createLog('test', 'silent'),
    now: () => Date.now(),
  });
  const start = second.start({ join: () => undefined, data: () => undefined, refused: () => undefined });
  await expect(start).rejects.toThrow(StartError);
  await expect(start).rejects.toThrow(`port ${wire.ports.dataIn}`);
  await second.stop();
  expect(transportProcesses()).toHaveLength(1);
});

test('the secret key is neither in the arguments nor in the environment of the process', async () => {
  await using wire = await TransportWire.start();
  const [pid] = transportProcesses();
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(wire.server.secretKey);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(wire.server.secretKey);
});

test('who may connect is asked of the master, whose no and whose failure are no', async () => {
  await using wire = await TransportWire.start();
  for (const verdict of [() => false, () => Promise.reject(new Error('no')), () => JSON.parse('{')]) {
    wire.verdict = verdict;
    const push = wire.push();
    const { promise, resolve } = Promise.withResolvers<string>();
    for (const type of ['handshake', 'handshake:error:auth'] as const) push.events.on(type, () => resolve(type));
    expect(await promise).toBe('handshake:error:auth');
  }
  await vi.waitFor(() => expect(wire.transport.cuts()['cut.denied']).toBeGreaterThanOrEqual(3), 5000);
});

test('a node that is removed while the yes to it is under way is not let in', async () => {
  await using wire = await TransportWire.start();
  const hopKey = Buffer.from(decodeZ85(wire.member.publicKey)).toString('hex');
  let isRemoved = false;
  wire.verdict = () => {
    const verdict = !isRemoved;
    // Right behind the verdict: the process reads both at once.
    setImmediate(() => wire.transport.drop(hopKey));
    isRemoved = true;
    return verdict;
  };
  const push = wire.push();
  await vi.waitFor(() => {
    const { 'cut.removed': removed = 0, 'cut.denied': denied = 0 } = wire.transport.cuts();
    expect(removed + denied).toBeGreaterThan(0);
  }, 5000);
  expect(wire.got).toEqual([]);
  push.close();
});

test('while the master is busy, at most 192 frames are on their way to it', async () => {
  await using wire = await TransportWire.start();
  const push = wire.push();
  await push.send('open');
  await wire.until(() => wire.got.length === 1);
  const frames = 900;
  let taken = 0;
  const firstTurn = Promise.withResolvers<number>();
  wire.take = () => {
    taken += 1;
    if (taken === 1) setImmediate(() => firstTurn.resolve(taken));
  };
  killTransport('SIGSTOP');
  for (let sent = 0; sent < frames; sent += 1) await push.send(Buffer.alloc(100));
  killTransport('SIGCONT');
  // The process and libzmq have the time to hand over all there is.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
  await wire.until(() => taken === frames);
  expect(await firstTurn.promise).toBeLessThanOrEqual(192);
});

test('who has joined waits for a few of those who want to, however many come', async () => {
  await using wire = await TransportWire.start();
  const node = wire.push();
  await node.send('open');
  await wire.until(() => wire.got.length === 1);
  const frames = 700;
  let joins = 0;
  wire.takeJoin = () => {
    joins += 1;
    // As long as several cost, so that the others are there before it is over.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  };
  // As many on each connection as a join may say.
  const joining = Array.from({ length: frames / 140 }, () => wire.push('joinIn'));
  const flooding = joining.map(async (push) => {
    for (let sent = 0; sent < 140; sent += 1) await push.send(Buffer.alloc(100));
  });
  await wire.until(() => joins > 10);
  const waits: number[] = [];
  for (let said = 2; said < 12; said += 1) {
    const before = joins;
    await node.send('meanwhile');
    await wire.until(() => wire.got.length === said);
    waits.push(joins - before);
  }
  expect(joins).toBeLessThan(frames);
  expect(Math.max(...waits)).toBeLessThan(16);
  // And they all have their turn.
  await Promise.all(flooding);
  await wire.until(() => joins === frames);
});

test('while the process takes nothing, what the master has for it is bounded, and it goes on afterwards', async () => {
  await using wire = await TransportWire.start();
  const sub = wire.sub('topic');
  const first = sub.receive();
  const publish = (text: string) => wire.transport.outlet.data(Buffer.from('topic'), Buffer.from(text));
  const begin = setInterval(() => publish('begin'), 20);
  await first;
  clearInterval(begin);
  killTransport('SIGSTOP');
  const before = process.memoryUsage().rss;
  // 640 MB, of which 4096 messages may wait: 64 MB, some of them twice on their way.
  for (let count = 0; count < 40_000; count += 1) {
    wire.transport.outlet.data(Buffer.from('topic'), Buffer.alloc(16_000));
    if (count % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  const gained = process.memoryUsage().rss - before;
  killTransport('SIGCONT');
  const end = setInterval(() => publish('end'), 20);
  for await (const [, last] of sub) if (String(last) === 'end') break;
  clearInterval(end);
  expect(gained).toBeLessThan(320 * 2 ** 20);
});
