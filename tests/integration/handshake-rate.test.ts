// How many handshakes one address may begin: who comes too soon waits, and nobody of another address does.
import { handshakeMs, handshakeRate } from '@sealcast/hop/front/limits';
import { expect, test, vi } from 'vitest';
import { HopWire } from '../stack/hop-wire.ts';
import { greeting, ready, ZmtpPeer } from '../stack/zmtp-peer.ts';

const flooder = '127.0.0.7';
const more = 100;
const { burst, perSecond } = handshakeRate;

/** So many that begin a handshake at once: how many have ended it, and how many were cut. */
class Crowd implements Disposable {
  through = 0;
  cut = 0;
  readonly peers: ZmtpPeer[] = [];
  #look = () => {};

  static async of(count: number, port: number, address: string): Promise<Crowd> {
    const crowd = new Crowd();
    crowd.peers.push(...(await Promise.all(Array.from({ length: count }, () => ZmtpPeer.connect(port, address)))));
    for (const peer of crowd.peers) {
      // All in one chunk, so that what follows the greeting has to be kept.
      await peer.write(Buffer.concat([greeting('NULL'), ready('PUSH')]));
      void peer
        .hears('READY')
        .then(() => (crowd.through += 1))
        .catch(() => (crowd.cut += 1))
        .then(() => crowd.#look());
    }
    return crowd;
  }

  /** Resolves when so many are through, or cut. */
  async ended(count: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#look = () => {
      if (this.through + this.cut >= count) resolve();
    };
    this.#look();
    await promise;
  }

  [Symbol.dispose](): void {
    for (const peer of this.peers) peer[Symbol.dispose]();
  }
}

/** Time stands still until it is moved, here and for the server. */
function stillTime(): Disposable {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  return { [Symbol.dispose]: () => vi.useRealTimers() };
}

async function goesThrough(port: number, address: string): Promise<boolean> {
  using peer = await ZmtpPeer.null(port, 'PUSH', address);
  return !peer.isClosed;
}

/** Resolves when so many are connected to the data ports, and the server has read what they said. */
async function arrived(wire: HopWire, count: number): Promise<void> {
  await wire.until(() => wire.server.connections.data === count);
  expect(await goesThrough(wire.ports.joinIn, '127.0.0.8')).toBe(true);
}

test('who begins more handshakes than an address may waits for them, each is ended, and another address does not wait', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using _ = stillTime();
  using crowd = await Crowd.of(burst + perSecond + 1, wire.ports.dataIn, flooder);
  await arrived(wire, crowd.peers.length);
  await crowd.ended(burst);
  expect(crowd.through).toBe(burst);
  vi.advanceTimersByTime(1000);
  await crowd.ended(burst + perSecond);
  expect(await goesThrough(wire.ports.dataIn, '127.0.0.8')).toBe(true);
  expect(crowd.through).toBe(burst + perSecond);
  vi.advanceTimersByTime(1000);
  await crowd.ended(burst + perSecond + 1);
  expect(wire.cuts('cut.handshake-rate')).toBe(0);
});

test('it is one rate for all four ports, and who leaves takes no turn from those behind', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using _ = stillTime();
  using first = await Crowd.of(burst, wire.ports.dataIn, flooder);
  await first.ended(burst);
  const ghosts = await Crowd.of(perSecond, wire.ports.dataOut, flooder);
  using last = await Crowd.of(1, wire.ports.joinIn, flooder);
  await arrived(wire, burst + perSecond);
  ghosts[Symbol.dispose]();
  await wire.until(() => wire.server.connections.data === burst);
  expect([ghosts.through, last.through]).toEqual([0, 0]);
  vi.advanceTimersByTime(Math.ceil(1000 / perSecond));
  await last.ended(1);
});

test('who would join waits for no more than every other turn, however many of its address wait at the data ports', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using _ = stillTime();
  using crowd = await Crowd.of(burst + 5 * perSecond + more, wire.ports.dataIn, flooder);
  await arrived(wire, crowd.peers.length);
  await crowd.ended(burst);
  using honest = await Crowd.of(1, wire.ports.joinIn, flooder);
  await arrived(wire, crowd.peers.length);
  vi.advanceTimersByTime(Math.ceil(2000 / perSecond));
  await honest.ended(1);
  expect(honest.through).toBe(1);
});

test('who would wait for longer than a handshake may take is cut, which is counted', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using _ = stillTime();
  const seconds = handshakeMs / 1000;
  using crowd = await Crowd.of(burst + seconds * perSecond + more, wire.ports.dataIn, flooder);
  await arrived(wire, crowd.peers.length);
  await crowd.ended(burst);
  for (let second = 1; second <= seconds; second += 1) {
    vi.advanceTimersByTime(1000);
    await crowd.ended(burst + second * perSecond);
  }
  await crowd.ended(crowd.peers.length);
  // The last turn comes just then.
  expect(crowd.cut - more).toBeLessThanOrEqual(1);
  expect(crowd.cut).toBeGreaterThanOrEqual(more);
  expect(wire.cuts('cut.handshake-rate')).toBe(crowd.cut);
});

test('who says more than a handshake while it waits is cut', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  using _ = stillTime();
  using crowd = await Crowd.of(burst, wire.ports.dataIn, flooder);
  await crowd.ended(burst);
  using talker = await ZmtpPeer.connect(wire.ports.dataIn, flooder);
  await talker.write(Buffer.concat([greeting('NULL'), Buffer.alloc(5000)]));
  await talker.closed;
  expect(wire.cuts('cut.handshake-bytes')).toBe(1);
});
