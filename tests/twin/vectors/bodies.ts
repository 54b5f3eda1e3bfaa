// Bodies that PROTOCOL.md's schemas take, as plain and as full as they come.
import type { Value } from '../cbor.ts';
import { everyone } from '../envelope.ts';
import type { Body } from '../schemas.ts';
import { zero } from '../bytes.ts';
import { makeRotate } from '../rotation.ts';
import { draw, fingerprint, identitySeed, nodeId } from './world.ts';

const max = 9_007_199_254_740_991;

export const plainSample: Body = {
  number: 1,
  at: 1_800_000_000_000,
  uptime: 3600,
  cpu: 12.5,
  cores: [],
  load: [0, 0, 0],
  memory: { total: 8_320_000_000, available: 6_100_000_000 },
  swap: { total: 0, free: 0 },
  disks: [],
  io: [],
  interfaces: [],
  temperatures: [],
};

const fullSample: Body = {
  number: max,
  at: max,
  uptime: max,
  cpu: 99.9,
  cores: [0, 100, 33.25, 0.1],
  load: [0.5, 1.25, 1e15],
  memory: { total: max, available: 0 },
  swap: { total: max, free: max },
  disks: [{ mount: '/', device: '/dev/mmcblk0p2', type: 'ext4', total: 31_000_000_000, free: 12_345_678_901 }],
  io: [{ device: 'mmcblk0', read: 4096, written: 1234.5, busy: 3.75 }],
  interfaces: [{ name: 'eth0', received: 1_000_000, sent: 0.1 }],
  temperatures: [
    { name: 'cpu-thermal', celsius: 48.312 },
    { name: 'outside', celsius: -12.5 },
  ],
};

const fullFacts: Body = {
  name: 'küche-pi',
  os: 'Debian GNU/Linux 13 (trixie)',
  kernel: '6.12.48+rpt-rpi-v8',
  arch: 'arm64',
  version: '1.0.0',
  vendor: '',
  model: 'Raspberry Pi 5 Model B Rev 1.0',
  cpu: { model: 'Cortex-A76', cores: 4, threads: 4 },
  memory: 8_320_000_000,
  boot: 1_799_996_400_000,
  disks: [{ name: 'mmcblk0', model: '', size: 31_914_983_424 }],
  gpus: ['VideoCore VII'],
  addresses: ['192.0.2.7', '2001:db8::7'],
};

export const textCommand: Body = {
  id: draw('command id', 16),
  target: nodeId,
  issued: 1_800_000_000_000,
  expires: 1_800_003_600_000,
  action: { type: 'text', text: 'Backup at 22:00.\n\tLeave it on.' },
};

export const broadcastCommand: Body = { ...textCommand, target: everyone };

/** Each with a name; the first is the plainest. */
export const bodies: Record<string, [string, Body][]> = {
  REPORT: [
    ['no samples, which keeps the session alive', { samples: [] }],
    ['one plain sample', { samples: [plainSample] }],
    ['two samples, one with everything at its largest', { samples: [plainSample, fullSample] }],
  ],
  FACTS: [
    ['a Raspberry Pi that does not tell everything', fullFacts],
    [
      'a Raspberry Pi that tells its policy',
      {
        ...fullFacts,
        policy: { level: 'operate', allowed: ['run /usr/bin/systemctl restart küche.service'], more: 1 },
      },
    ],
  ],
  RECEIPT: [
    ['done', { command: draw('command id', 16), outcome: 'done' }],
    [
      'done, with what a program wrote',
      { command: draw('command id', 16), outcome: 'done', detail: 'ended with 0', output: 'up 3 days\n\tload 0.1\n' },
    ],
    ['refused, with detail', { command: draw('command id', 16), outcome: 'refused', detail: 'the policy is observe' }],
  ],
  ASK: [
    ['nothing but the epoch, which the node does not have', { epoch: 0, missing: [] }],
    ['three missing broadcasts', { epoch: 7, missing: [42, 43, 45] }],
  ],
  LEAVE: [['an orderly stop', {}]],
  ROTATE: [
    ['another identity', makeRotate(fingerprint, nodeId, identitySeed, draw('next identity', 32))],
    [
      'signatures that are none, which are not looked at before the body is one',
      { identity: zero(32), old: zero(64), new: zero(64) },
    ],
  ],
  ACK: [['twelve samples are on disk', { through: 12, head: 41, epoch: 7, time: 1_800_000_005_000 }]],
  COMMAND: [
    ['a text', textCommand],
    ['another interval', { ...textCommand, action: { type: 'interval', seconds: 60 } }],
    ['a new identity', { ...textCommand, action: { type: 'rotate' } }],
    [
      'a program to run',
      {
        ...textCommand,
        action: { type: 'run', program: '/usr/bin/systemctl', arguments: ['restart', 'küche.service'], seconds: 30 },
      },
    ],
  ],
  EPOCH: [['the next epoch', { epoch: 8, key: draw('epoch key 8', 32), head: 45 }]],
  ROTATED: [['the identity that the master has now', { identity: draw('next identity', 32) }]],
};

export function plainest(kind: string): Body {
  const first = bodies[kind]?.[0];
  if (!first) throw new Error(`no body for ${kind}`);
  return first[1];
}

/** The value with the member at `path` replaced or added, or taken out where `member` is undefined. */
export function withMember(value: Value, path: readonly (string | number)[], member: Value | undefined): Value {
  const [step, ...rest] = path;
  if (step === undefined) return member ?? null;
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? withMember(item, rest, member) : item));
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) throw new Error(`no member ${step}`);
  const { [step]: old, ...others } = value;
  if (rest.length === 0 && member === undefined) return others;
  return { ...others, [step]: withMember(old ?? null, rest, member) };
}
