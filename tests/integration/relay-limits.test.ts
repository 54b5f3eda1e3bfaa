// What bounds a single join bounds no relay, which carries those of a whole site.
import { decodeZ85 } from '@sealcast/channel/z85';
import { clientOptions } from '@sealcast/hop/mechanism';
import { joinRate } from '@sealcast/hop/front/limits';
import { HopServer } from '@sealcast/hop/server';
import { createLog } from '@sealcast/runtime/log';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { curveKeyPair, Push } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

const frame = Buffer.alloc(2000, 7);
/** Together more than a join may say. */
const many = 40;
const longerThanAJoinMs = 120_000;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(() => {
  vi.useRealTimers();
});

class Door implements AsyncDisposable {
  readonly server: HopServer;
  readonly relay = curveKeyPair();
  readonly relayKey = Buffer.from(decodeZ85(this.relay.publicKey)).toString('hex');
  readonly #curve = curveKeyPair();
  readonly #ports: { join: number; data: number };
  readonly #sockets: Push[] = [];
  #arrived = 0;
  #look = () => {};

  private constructor([dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0]: number[]) {
    this.#ports = { join: joinIn, data: dataIn };
    this.server = new HopServer({
      host: '127.0.0.1',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...this.#curve },
      admits: ({ hopKey }) => Buffer.from(hopKey).toString('hex') === this.relayKey && 'relay',
      log: createLog('test', 'silent'),
    });
  }

  static async open(): Promise<Door> {
    const door = new Door(await freePorts([0, 0, 0, 0]));
    const join = () => {
      door.#arrived += 1;
      door.#look();
    };
    await door.server.start({ join, data: () => undefined, refused: () => undefined });
    return door;
  }

  /** Let in already. */
  async connect(to: 'join' | 'data', keys = curveKeyPair()): Promise<Push> {
    const serverKey = this.#curve.publicKey;
    const socket = new Push({ linger: 0, ...clientOptions({ mechanism: 'curve', ...keys, serverKey }, to) });
    this.#sockets.push(socket);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.events.on('handshake', () => resolve());
    socket.connect(`tcp://127.0.0.1:${this.#ports[to]}`);
    await promise;
    return socket;
  }

  /** Resolves when `count` frames more have come to the join port. */
  async takes(socket: Push, count: number): Promise<void> {
    await this.take(count, async () => {
      for (let sent = 0; sent < count; sent++) await socket.send(frame);
    });
  }

  /** The same, whoever sends them in `act`. */
  async take(count: number, act: () => Promise<unknown>): Promise<void> {
    const wanted = this.#arrived + count;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (this.#arrived >= wanted) resolve();
    };
    await act();
    await promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.close();
    vi.useRealTimers();
    await this.server.stop();
  }
}

function gone(socket: Push): Promise<void> {
  return new Promise((resolve) => socket.events.on('disconnect', () => resolve()));
}

test('a relay says on a join port what many joins say, for as long as it likes', async () => {
  await using door = await Door.open();
  await door.connect('data', door.relay);
  const socket = await door.connect('join', door.relay);
  await door.takes(socket, many);
  vi.advanceTimersByTime(longerThanAJoinMs);
  await door.takes(socket, 1);
  expect(door.server.cuts()).toMatchObject({ 'cut.join-bytes': 0, 'cut.join-time': 0 });
});

test('so it does where it came to the join port first', async () => {
  await using door = await Door.open();
  const socket = await door.connect('join', door.relay);
  await door.connect('data', door.relay);
  await door.takes(socket, many);
  vi.advanceTimersByTime(longerThanAJoinMs);
  await door.takes(socket, 1);
  expect(door.server.cuts()).toMatchObject({ 'cut.join-bytes': 0, 'cut.join-time': 0 });
});

test('a relay need not wait where others of its address have said all that one may', async () => {
  await using door = await Door.open();
  await door.connect('data', door.relay);
  const socket = await door.connect('join', door.relay);
  const untilTheyWait = Math.ceil(joinRate.burst / (frame.length + 106));
  const guests = await Promise.all(Array.from({ length: 10 }, () => door.connect('join')));
  await door.take(untilTheyWait, () =>
    Promise.all(
      guests.map(async (guest) => {
        for (let sent = 0; sent < 15; sent++) await guest.send(frame);
      }),
    ),
  );
  // Timers stand still, and a node's turn would not come.
  await door.takes(socket, many);
  expect(door.server.cuts()).toMatchObject({ 'cut.join-bytes': 0 });
});

test('a relay that is removed is cut off from the join ports too, and counts as anybody there', async () => {
  await using door = await Door.open();
  const data = await door.connect('data', door.relay);
  const join = await door.connect('join', door.relay);
  const lost = Promise.all([gone(data), gone(join)]);
  door.server.drop(door.relayKey);
  await lost;
  expect(door.server.cuts()).toMatchObject({ 'cut.removed': 2 });
});

test('others on a join port have the bytes and the time of a join', async () => {
  await using door = await Door.open();
  await door.connect('data', door.relay);
  const greedy = await door.connect('join');
  const greedyGone = gone(greedy);
  for (let sent = 0; sent < many; sent++) await greedy.send(frame);
  await greedyGone;
  const slow = await door.connect('join');
  const slowGone = gone(slow);
  vi.advanceTimersByTime(longerThanAJoinMs);
  await slowGone;
  const { 'cut.join-bytes': bytes = 0, 'cut.join-time': time = 0 } = door.server.cuts();
  expect([bytes > 0, time > 0]).toEqual([true, true]);
});

test('no crowd at the join ports takes the place of a relay', async () => {
  await using door = await Door.open();
  await door.connect('data', door.relay);
  const socket = await door.connect('join', door.relay);
  let isLost = false;
  socket.events.on('disconnect', () => (isLost = true));
  for (let guest = 0; guest < 70; guest++) await door.connect('join');
  await door.takes(socket, 1);
  expect(isLost).toBe(false);
  expect(door.server.cuts()['cut.address']).toBeGreaterThan(0);
});
