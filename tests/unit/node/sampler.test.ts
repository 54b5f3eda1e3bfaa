import { encode } from '@sealcast/channel/cbor';
import { sampleSchema } from '@sealcast/channel/payloads';
import * as fc from 'fast-check';
import { loadavg, uptime } from 'node:os';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { readClock } from '../../../services/node/src/harvest/clock.ts';
import { type Harvest, Sampler } from '../../../services/node/src/harvest/sampler.ts';
import { Machine } from './machine.ts';

const recordings = ['raspberry-pi-4', 'raspberry-pi-5', 'server', 'laptop', 'virtual-machine'];

/** Of a recorded machine that nothing happens on, a second apart. */
function sampleOf(machine: Machine): Harvest {
  let now = 0;
  const sampler = new Sampler({ root: machine.root, now: () => (now += 1000) });
  return sampler.sample();
}

/** Nothing, if a sample is as the protocol has it and fits a frame. */
function faultsOf(harvest: Harvest): string[] {
  const sample = { number: 1, at: 0, ...harvest };
  const { issues } = v.safeParse(sampleSchema, sample);
  if (issues !== undefined) return issues.map((issue) => `${v.getDotPath(issue)}: ${issue.message}`);
  return encode(sample).length > 65_536 - 1024 ? ['too large'] : [];
}

function dev(received: number): string {
  return `a\nb\n  eth0: ${received} 1 0 0 0 0 0 0 401293811 1 0 0 0 0 0 0\n`;
}

function longName(i: number): string {
  return `${'n'.repeat(60)}${i}`;
}

function many(line: (i: number) => string, count: number): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('');
}

test('samples of every recorded machine are valid and fit a frame', () => {
  for (const name of recordings) {
    using machine = new Machine(name);
    expect(faultsOf(sampleOf(machine))).toEqual([]);
  }
});

test('the first sample tells of the time since the sampler was made', () => {
  using machine = new Machine('raspberry-pi-4');
  let now = 0;
  const sampler = new Sampler({ root: machine.root, now: () => now });
  machine.write('/proc/net/dev', dev(812_093_481 + 1000));
  now = 2000;
  expect(sampler.sample().interfaces).toEqual([{ name: 'eth0', received: 500, sent: 0 }]);
});

test('what can’t be read takes nothing else with it', () => {
  const lost: Record<string, Partial<Harvest>> = {
    '/proc/stat': { cpu: 0, cores: [] },
    '/proc/loadavg': { load: [0, 0, 0] },
    '/proc/meminfo': { memory: { total: 0, available: 0 }, swap: { total: 0, free: 0 } },
    '/proc/diskstats': { io: [] },
    '/proc/net/dev': { interfaces: [] },
    '/sys/class': { temperatures: [] },
  };
  for (const [path, without] of Object.entries(lost)) {
    using whole = new Machine('raspberry-pi-4');
    using machine = new Machine('raspberry-pi-4');
    machine.remove(path);
    const expected = { ...sampleOf(whole), ...without };
    if (path === '/sys/class')
      expected.interfaces = [...expected.interfaces, { name: 'tailscale0', received: 0, sent: 0 }];
    expect(sampleOf(machine)).toEqual(expected);
  }
});

test('a folder where a file should be, and a file that can’t be decoded, are no more than missing', () => {
  using machine = new Machine('raspberry-pi-4');
  for (const path of ['/proc/stat', '/proc/meminfo', '/proc/loadavg']) {
    machine.remove(path);
    machine.add(`${path}/`);
  }
  machine.write('/proc/diskstats', '\uFFFD\u0000\u0001 \n\n 1 2 3');
  expect(faultsOf(sampleOf(machine))).toEqual([]);
});

test('samples are valid whatever stands in the files', () => {
  const word = fc.oneof(
    fc.constantFrom(
      'cpu',
      'cpu0',
      'eth0:',
      'MemTotal:',
      'sda',
      '-',
      'ext4',
      '8:1',
      '/',
      '\n',
      '\n',
      '\\040',
      '-1',
      '1e400',
      '99999999999999999999',
      'NaN',
      '\0',
    ),
    fc.integer().map(String),
    fc.string({ maxLength: 300 }),
  );
  const file = fc.array(word, { maxLength: 40 }).map((words) => words.join(' '));
  const paths = [
    '/proc/stat',
    '/proc/loadavg',
    '/proc/meminfo',
    '/proc/uptime',
    '/proc/diskstats',
    '/proc/net/dev',
    '/proc/1/mountinfo',
  ];
  paths.push(
    '/sys/class/hwmon/hwmon0/name',
    '/sys/class/hwmon/hwmon0/temp1_label',
    '/sys/class/hwmon/hwmon0/temp1_input',
  );
  using machine = new Machine();
  machine.write('/sys/block/sda/size', '1\n');
  let now = 0;
  const sampler = new Sampler({ root: machine.root, now: () => now });
  const contents = fc.tuple(...paths.map(() => file));
  fc.assert(
    fc.property(contents, fc.integer({ min: -1000, max: 100_000 }), (texts, ms) => {
      for (const [i, path] of paths.entries()) machine.write(path, texts[i] ?? '');
      now += ms;
      expect(faultsOf(sampler.sample())).toEqual([]);
    }),
  );
});

test('a machine with more of everything than is told fits a frame', () => {
  using machine = new Machine();
  let now = 0;
  const write = (busy: number) => {
    machine.write(
      '/proc/stat',
      many((i) => `cpu${i} ${busy} 0 0 ${busy * 7}\n`, 4096),
    );
    machine.write(
      '/proc/diskstats',
      many((i) => `1 1 ${longName(i)} 1 1 ${busy} 1 1 1 ${busy} 1 1 ${busy} 1\n`, 100),
    );
    machine.write(
      '/proc/net/dev',
      many((i) => `${longName(i)}: ${busy} 1 0 0 0 0 0 0 ${busy} 1\n`, 100),
    );
  };
  for (let i = 0; i < 100; i += 1) machine.write(`/sys/block/${longName(i)}/size`, '1\n');
  for (let i = 1; i < 100; i += 1)
    machine.add(
      `/sys/class/hwmon/hwmon0/temp${i}_input = 33333\n/sys/class/hwmon/hwmon0/temp${i}_label = ${longName(i)}`,
    );
  write(1);
  const sampler = new Sampler({ root: machine.root, now: () => now });
  now = 7;
  write(123_456_789);
  const harvest = sampler.sample();
  const disk = {
    mount: `/${'m'.repeat(255)}`,
    device: longName(10),
    type: longName(10),
    total: Number.MAX_SAFE_INTEGER,
    free: Number.MAX_SAFE_INTEGER,
  };
  expect(harvest.io).toHaveLength(64);
  expect(harvest.cores).toHaveLength(1024);
  expect(faultsOf({ ...harvest, disks: Array.from({ length: 64 }, () => disk) })).toEqual([]);
});

test('this machine is measured', () => {
  let now = 0;
  const sampler = new Sampler({ root: '', now: () => (now += 1000) });
  const harvest = sampler.sample();
  expect(faultsOf(harvest)).toEqual([]);
  expect(Math.abs(harvest.uptime - uptime())).toBeLessThan(2);
  expect(Math.abs(harvest.load[0] - (loadavg()[0] ?? 0))).toBeLessThan(0.5);
  expect(harvest.cores.length).toBeGreaterThan(0);
  expect(harvest.memory.total).toBeGreaterThan(harvest.memory.available);
  expect(harvest.disks.map(({ mount }) => mount)).toContain('/');
});

test('the clock tells the boot, the time since then, and the time of day', () => {
  using machine = new Machine('raspberry-pi-4');
  const clock = readClock(machine.root);
  expect(clock).toMatchObject({ boot: '3d7e0a5253b14b0e9a3f6d4f9f0b2c11', monotonic: 345678910 });
  expect(Math.abs(clock.wall - Date.now())).toBeLessThan(5000);
});

test('a machine that does not tell its boot has the id of zeros, and the system’s uptime', () => {
  using machine = new Machine();
  machine.write('/proc/sys/kernel/random/boot_id', 'nonsense\n');
  const { boot, monotonic } = readClock(machine.root);
  expect(boot).toBe('0'.repeat(32));
  expect(Math.abs(monotonic - uptime() * 1000)).toBeLessThan(5000);
});

test('this machine’s clock does not go back', () => {
  const first = readClock('');
  const second = readClock('');
  expect(second.boot).toBe(first.boot);
  expect(first.boot).not.toBe('0'.repeat(32));
  expect(second.monotonic).toBeGreaterThanOrEqual(first.monotonic);
});
