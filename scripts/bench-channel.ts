// What sealing and opening cost, without sockets, disks or other processes.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { EnvelopeKey } from '@sealcast/channel/envelope';
import { kinds } from '@sealcast/channel/frame';
import type { Sample } from '@sealcast/channel/payloads';
import { type Message, Session } from '@sealcast/channel/session';
import { Bench } from 'tinybench';
import { measured, type Rate, taskMs } from './bench-rates.ts';

const session = {
  keyId: randomBytes(8),
  topic: randomBytes(16),
  nodeId: randomBytes(16),
  masterId: randomBytes(16),
  up: randomBytes(32),
  down: randomBytes(32),
};

/** A body of any bytes through what every session and broadcast is sealed and opened by. */
export async function rawSeals(): Promise<Rate[]> {
  const bench = new Bench({ time: taskMs });
  for (const [name, size] of Object.entries({ '64 B': 64, '1 KiB': 1024, '16 KiB': 16_384 })) {
    const envelope = new EnvelopeKey(session.up, session.keyId, 'up', session.nodeId, session.masterId);
    const body = randomBytes(size);
    const frame = envelope.seal(kinds.report, 1, body, systemEntropy);
    bench.add(`seal ${name}`, () => {
      envelope.seal(kinds.report, 1, body, systemEntropy);
    });
    bench.add(`open ${name}`, () => {
      envelope.open(frame);
    });
  }
  return await measured(bench);
}

const sample: Sample = {
  number: 1,
  at: 1_800_000_000_000,
  uptime: 86_400,
  cpu: 12.34,
  cores: [10.5, 12.25, 14.1, 12.9],
  load: [0.42, 0.37, 0.31],
  memory: { total: 8_320_000_000, available: 6_100_000_000 },
  swap: { total: 0, free: 0 },
  disks: [{ mount: '/', device: '/dev/mmcblk0p2', type: 'ext4', total: 31_000_000_000, free: 12_345_678_901 }],
  io: [{ device: 'mmcblk0', read: 4096, written: 1234.5, busy: 3.75 }],
  interfaces: [{ name: 'eth0', received: 10_240.5, sent: 2048 }],
  temperatures: [{ name: 'cpu-thermal', celsius: 48.312 }],
};

/** A message as a node sends it and a master takes it: schema, CBOR, seal; then seal, replay window, CBOR, schema. */
export async function reports(): Promise<{ frameBytes: number; rates: Rate[] }> {
  const bench = new Bench({ time: taskMs });
  const node = new Session({ role: 'node', ...session }, systemEntropy);
  const master = new Session({ role: 'master', ...session }, systemEntropy);
  const report: Message = { kind: 'report', body: { samples: [sample] } };
  const frameBytes = node.seal(report).length;
  let frame: Uint8Array = new Uint8Array(0);
  bench.add('seal a REPORT', () => {
    node.seal(report);
  });
  // A frame opens once, so each is sealed for it, which is not in the time.
  bench.add(
    'open a REPORT',
    () => {
      master.open(frame);
    },
    {
      beforeEach: () => {
        frame = node.seal(report);
      },
    },
  );
  return { frameBytes, rates: await measured(bench) };
}
