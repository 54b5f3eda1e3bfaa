import { readdirSync, readFileSync } from 'node:fs';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Verdict } from '@sealcast/hop/admission';
import { clientOptions } from '@sealcast/hop/mechanism';
import { Transport, type TransportStatus } from '@sealcast/master/transport/transport';
import { createLog } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import { expect, test, vi } from 'vitest';
import { curveKeyPair, Push, type Socket, Subscriber } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

class Supervised implements AsyncDisposable {
  readonly transport: Transport;
  readonly statuses: TransportStatus[] = [];
  readonly got: Buffer[] = [];
  readonly lines: { msg?: string; [key: string]: unknown }[] = [];
  readonly ports: { dataIn: number; dataOut: number; joinIn: number; joinOut: number };
  readonly server = curveKeyPair();
  readonly member = curveKeyPair();
  verdict: () => Verdict | Promise<Verdict> = () => true;
  /** What the master does with each frame. */
  take: (frame: Uint8Array) => void = (frame) => this.got.push(Buffer.from(frame));
  readonly #sockets: Socket[] = [];
  readonly #waiting = new Set<() => void>();

  private constructor([dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0]: number[]) {
    this.ports = { dataIn, dataOut, joinIn, joinOut };
    const member = Buffer.from(decodeZ85(this.member.publicKey));
    const write = (line: string) => {
      this.lines.push(JSON.parse(line));
      this.#wake();
    };
    this.transport = new Transport({
      host: '127.0.0.1',
      ports: this.ports,
      credentials: { mechanism: 'curve', ...this.server },
      admits: ({ hopKey }) => (member.equals(hopKey) ? this.verdict() : false),
      log: createLog('test', 'error', { write }),
      now: () => Date.now(),
      changed: (status) => {
        this.statuses.push(status);
        this.#wake();
      },
    });
  }

  static async start(): Promise<Supervised> {
    const supervised = new Supervised(await freePorts([0, 0, 0, 0]));
    const take = (frame: Uint8Array) => {
      supervised.take(frame);
      supervised.#wake();
    };
    await supervised.transport.start({ join: take, data: take, refused: () => undefined });
    return supervised;
  }

  push(port: 'dataIn' | 'joinIn' = 'dataIn'): Push {
    const socket = new Push({
      linger: 0,
      reconnectInterval: 50,
      immediate: true,
      sendHighWaterMark: 4000,
      ...this.#credentials(),
    });
    this.#sockets.push(socket);
    socket.connect(`tcp://127.0.0.1:${this.ports[port]}`);
    return socket;
  }

  sub(topic: string): Subscriber {
    const socket = new Subscriber({ linger: 0, ...this.#credentials() });
    this.#sockets.push(socket);
    socket.subscribe(topic);
    socket.connect(`tcp://127.0.0.1:${this.ports.dataOut}`);
    return socket;
  }

  #credentials() {
    return clientOptions({ mechanism: 'curve', ...this.member, serverKey: this.server.publicKey }, 'data');
  }

  async until(holds: () => boolean): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    this.#waiting.add(look);
    look();
    await promise;
    this.#waiting.delete(look);
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    await this.transport.stop();
  }
}

/** The processes that this one started, and that run the transport. */
function processes(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const parent = Number(/\nPPid:\t(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
        return parent === process.pid && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('transport/process.ts');
      } catch {
        return false;
      }
    });
}

function kill(signal: NodeJS.Signals): void {
  const [pid] = processes();
  if (pid === undefined) throw new Error('the transport has no process');
  process.kill(pid, signal);
}

test('frames go both ways through the process', async () => {
  await using wire = await Supervised.start();
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
  await using wire = await Supervised.start();
  const push = wire.push();
  await push.send('before');
  await wire.until(() => wire.got.length === 1);
  expect(wire.transport.status()).toMatchObject({ up: true, restarts: 0 });
  kill('SIGABRT');
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
  await using wire = await Supervised.start();
  // Node writes a report of an uncaught failure there; a terminated libzmq its assertion.
  kill('SIGSEGV');
  await wire.until(() => wire.lines.length > 0);
  expect(wire.lines[0]).toHaveProperty('stderr');
  expect(wire.lines[0]).toMatchObject({ signal: 'SIGSEGV', againInMs: 250 });
});

test('a process that ends again and again is waited for longer each time', async () => {
  await using wire = await Supervised.start();
  const waits = () => wire.lines.map(({ againInMs }) => againInMs).filter((ms) => ms !== undefined);
  for (const count of [1, 2, 3]) {
    kill('SIGKILL');
    await wire.until(() => waits().length === count);
    await wire.until(() => wire.transport.status().restarts === count && wire.transport.status().up);
  }
  expect(waits()).toEqual([250, 500, 1000]);
});

test('stopping ends the process, and nothing is started again', async () => {
  const wire = await Supervised.start();
  expect(processes()).toHaveLength(1);
  await wire[Symbol.asyncDispose]();
  expect(processes()).toEqual([]);
  expect(wire.lines).toEqual([]);
});

test('a master that is stopped while the process waits to be started again starts none', async () => {
  const wire = await Supervised.start();
  kill('SIGKILL');
  await wire.until(() => wire.lines.length > 0);
  await wire.transport.stop();
  await new Promise((resolve) => setTimeout(resolve, 400));
  expect(processes()).toEqual([]);
});

test('a port that is taken is told to the operator, and no process stays', async () => {
  await using wire = await Supervised.start();
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
  expect(processes()).toHaveLength(1);
});

test('the secret key is neither in the arguments nor in the environment of the process', async () => {
  await using wire = await Supervised.start();
  const [pid] = processes();
  expect(readFileSync(`/proc/${pid}/cmdline`, 'utf8')).not.toContain(wire.server.secretKey);
  expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain(wire.server.secretKey);
});

test('who may connect is asked of the master, whose no and whose failure are no', async () => {
  await using wire = await Supervised.start();
  for (const verdict of [() => false, () => Promise.reject(new Error('no')), () => JSON.parse('{')]) {
    wire.verdict = verdict;
    const push = wire.push();
    const { promise, resolve } = Promise.withResolvers<string>();
    for (const type of ['handshake', 'handshake:error:auth'] as const) push.events.on(type, () => resolve(type));
    expect(await promise).toBe('handshake:error:auth');
  }
  await vi.waitFor(() => expect(wire.transport.cuts()['cut.denied']).toBeGreaterThanOrEqual(3), 5000);
});

test('while the master is busy with one frame, at most 256 more are in its memory', async () => {
  await using wire = await Supervised.start();
  const push = wire.push();
  await push.send('open');
  await wire.until(() => wire.got.length === 1);
  const frames = 2000;
  let taken = 0;
  const turns: number[] = [];
  wire.take = () => {
    taken += 1;
    if (turns.length === 0) {
      turns.push(0);
      // The process and libzmq have the time to hand over all there is.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      setImmediate(() => turns.push(taken));
    }
  };
  for (let sent = 0; sent < frames; sent += 1) await push.send(Buffer.alloc(100));
  await wire.until(() => taken === frames);
  expect(turns[1]).toBeGreaterThan(0);
  expect(turns[1]).toBeLessThanOrEqual(256);
});
