// Every body of the CDDL: what it looks like, and which type each member is of.
import { zero } from '../bytes.ts';
import type { Value } from '../cbor.ts';
import type { Body, schemas } from '../schemas.ts';
import { broadcastCommand, plainSample, textCommand } from './bodies.ts';
import { ascii, type Edges, type types } from './edges.ts';
import { draw, welcomeBody } from './world.ts';

export type Schema = Exclude<keyof typeof schemas, 'invite' | 'hop'>;
export type Path = (string | number)[];
type Members = [path: Path, type: keyof typeof types][];

export interface Described {
  schema: Schema;
  base: Body;
  members: Members;
  /** path, item and the most and fewest of an array */
  arrays: [path: Path, item: Value, fewest: number, most: number][];
  /** maps below the body */
  maps: Path[];
  optional?: string[];
  /** tells apart what two of one schema have in common */
  called?: string;
  more?: Edges;
}

/** One of everything, and short, since most vectors hold it. */
const sampleWithOne: Body = {
  ...plainSample,
  cores: [1],
  memory: { total: 2, available: 1 },
  disks: [{ mount: '/', device: 'a', type: 'b', total: 2, free: 1 }],
  io: [{ device: 'a', read: 1, written: 2, busy: 3 }],
  interfaces: [{ name: 'a', received: 1, sent: 2 }],
  temperatures: [{ name: 'a', celsius: 1 }],
};
const shortFacts: Body = {
  name: 'a',
  os: '',
  kernel: '',
  arch: 'b',
  version: 'c',
  vendor: '',
  model: '',
  cpu: { model: '', cores: 1, threads: 2 },
  memory: 3,
  boot: 4,
  disks: [{ name: 'd', model: '', size: 5 }],
  gpus: ['e'],
  addresses: ['f'],
  policy: { level: 'observe', allowed: ['run /g'], more: 0 },
};
function policyOf(member: Body): Body {
  return { ...shortFacts, policy: { level: 'observe', allowed: [], more: 0, ...member } };
}
const inSample = (path: Path): Path => ['samples', 0, ...path];

function runOf(member: Body): Body {
  return { ...textCommand, action: { type: 'run', program: '/bin/true', arguments: [], seconds: 1, ...member } };
}

export const described: Described[] = [
  {
    schema: 'welcome',
    base: { ...welcomeBody, rsa: zero(256) },
    members: [
      [['epoch'], 'count'],
      [['key'], 'key'],
      [['head'], 'uint53'],
      [['through'], 'uint53'],
      [['time'], 'uint53'],
      [['interval'], 'seconds'],
      [['rsa'], 'rsa'],
    ],
    arrays: [],
    maps: [],
    optional: ['rsa'],
  },
  {
    schema: 'report',
    base: { samples: [sampleWithOne] },
    members: (
      [
        [['number'], 'count'],
        [['at'], 'uint53'],
        [['uptime'], 'uint53'],
        [['cpu'], 'percent'],
        [['cores', 0], 'percent'],
        [['load', 0], 'rate'],
        [['load', 2], 'rate'],
        [['memory', 'total'], 'uint53'],
        [['memory', 'available'], 'uint53'],
        [['swap', 'total'], 'uint53'],
        [['swap', 'free'], 'uint53'],
        [['disks', 0, 'mount'], 'path'],
        [['disks', 0, 'device'], 'name'],
        [['disks', 0, 'type'], 'name'],
        [['disks', 0, 'total'], 'uint53'],
        [['disks', 0, 'free'], 'uint53'],
        [['io', 0, 'device'], 'name'],
        [['io', 0, 'read'], 'rate'],
        [['io', 0, 'written'], 'rate'],
        [['io', 0, 'busy'], 'percent'],
        [['interfaces', 0, 'name'], 'name'],
        [['interfaces', 0, 'received'], 'rate'],
        [['interfaces', 0, 'sent'], 'rate'],
        [['temperatures', 0, 'name'], 'name'],
        [['temperatures', 0, 'celsius'], 'celsius'],
      ] satisfies Members
    ).map(([path, type]) => [inSample(path), type]),
    arrays: [
      [['samples'], plainSample, 0, 64],
      [inSample(['cores']), 0, 0, 1024],
      [inSample(['load']), 0, 3, 3],
      [inSample(['disks']), { mount: '/', device: 'a', type: 'b', total: 0, free: 0 }, 0, 64],
      [inSample(['io']), { device: 'a', read: 0, written: 0, busy: 0 }, 0, 64],
      [inSample(['interfaces']), { name: 'a', received: 0, sent: 0 }, 0, 64],
      [inSample(['temperatures']), { name: 'a', celsius: 0 }, 0, 64],
    ],
    maps: [
      inSample([]),
      inSample(['memory']),
      inSample(['swap']),
      inSample(['disks', 0]),
      inSample(['io', 0]),
      inSample(['interfaces', 0]),
      inSample(['temperatures', 0]),
    ],
  },
  {
    schema: 'facts',
    base: shortFacts,
    members: [
      [['name'], 'name'],
      [['os'], 'line'],
      [['kernel'], 'line'],
      [['arch'], 'name'],
      [['version'], 'name'],
      [['vendor'], 'line'],
      [['model'], 'line'],
      [['cpu', 'model'], 'line'],
      [['cpu', 'cores'], 'count'],
      [['cpu', 'threads'], 'count'],
      [['memory'], 'uint53'],
      [['boot'], 'uint53'],
      [['disks', 0, 'name'], 'name'],
      [['disks', 0, 'model'], 'line'],
      [['disks', 0, 'size'], 'uint53'],
      [['gpus', 0], 'line'],
      [['addresses', 0], 'name'],
      [['policy', 'allowed', 0], 'line'],
      [['policy', 'more'], 'uint53'],
    ],
    arrays: [
      [['disks'], { name: 'a', model: '', size: 0 }, 0, 64],
      [['gpus'], '', 0, 16],
      [['addresses'], '::1', 0, 64],
      [['policy', 'allowed'], 'rotate', 0, 64],
    ],
    maps: [['cpu'], ['disks', 0], ['policy']],
    optional: ['policy'],
    more: {
      good: ['operate', 'admin'].map((level) => [`policy ${level}`, policyOf({ level })]),
      bad: [
        ...['', 'Admin', 'admin ', 'root'].map((level): [string, Body] => [`policy "${level}"`, policyOf({ level })]),
        ['policy without a level', { ...shortFacts, policy: { allowed: [], more: 0 } }],
        ['policy that is a list of lines', { ...shortFacts, policy: ['level observe'] }],
      ],
    },
  },
  {
    schema: 'receipt',
    base: { command: draw('command id', 16), outcome: 'failed', detail: 'why', output: 'what' },
    members: [
      [['command'], 'id'],
      [['detail'], 'line'],
      [['output'], 'text'],
    ],
    arrays: [],
    maps: [],
    optional: ['detail', 'output'],
    more: {
      good: ['done', 'refused', 'failed', 'expired'].map((outcome) => [
        `outcome ${outcome}`,
        { command: zero(16), outcome },
      ]),
      bad: ['', 'Done', 'done ', 'waiting'].map((outcome) => [`outcome "${outcome}"`, { command: zero(16), outcome }]),
    },
  },
  {
    schema: 'ask',
    base: { epoch: 7, missing: [42] },
    members: [
      [['epoch'], 'uint53'],
      [['missing', 0], 'count'],
    ],
    arrays: [],
    maps: [],
    more: {
      good: [
        ['64 numbers', { epoch: 7, missing: Array.from({ length: 64 }, (_, index) => index + 1) }],
        ['no numbers', { epoch: 7, missing: [] }],
      ],
      bad: [
        ['65 numbers', { epoch: 7, missing: Array.from({ length: 65 }, (_, index) => index + 1) }],
        ['numbers that descend', { epoch: 7, missing: [43, 42] }],
        ['a number that stands twice', { epoch: 7, missing: [42, 42] }],
        ['numbers that descend at the end', { epoch: 7, missing: [42, 44, 43] }],
      ],
    },
  },
  {
    schema: 'rotate',
    base: { identity: draw('next identity', 32), old: zero(64), new: zero(64) },
    members: [
      [['identity'], 'key'],
      [['old'], 'signature'],
      [['new'], 'signature'],
    ],
    arrays: [],
    maps: [],
  },
  {
    schema: 'rotated',
    base: { identity: draw('next identity', 32) },
    members: [[['identity'], 'key']],
    arrays: [],
    maps: [],
  },
  {
    schema: 'command',
    base: { ...textCommand, action: { type: 'run', program: '/usr/bin/true', arguments: ['-v'], seconds: 30 } },
    members: [
      [['action', 'arguments', 0], 'line'],
      [['action', 'seconds'], 'seconds'],
    ],
    arrays: [[['action', 'arguments'], '', 0, 32]],
    maps: [],
    called: 'run, ',
    more: {
      good: [
        ['run, a program of 256 bytes', runOf({ program: `/${ascii(255)}` })],
        ['run, the shortest program', runOf({ program: '/' })],
        ['run, a program with spaces', runOf({ program: '/opt/my tools/check' })],
        ['a new identity', { ...textCommand, action: { type: 'rotate' } }],
      ],
      bad: [
        ['run, a program of 257 bytes', runOf({ program: `/${ascii(256)}` })],
        ['run, a program without a /', runOf({ program: 'true' })],
        ['run, a program relative to a folder', runOf({ program: './true' })],
        ['run, a program that is empty', runOf({ program: '' })],
        ['run, a program with a line feed', runOf({ program: '/bin/a\nb' })],
        ['run, a program that is bytes', runOf({ program: new TextEncoder().encode('/bin/true') })],
        ['run, no program', { ...textCommand, action: { type: 'run', arguments: [], seconds: 1 } }],
        ['run, with a text', runOf({ text: 'a' })],
        ['run, with an environment', runOf({ environment: {} })],
        ['a new identity with a key', { ...textCommand, action: { type: 'rotate', identity: zero(32) } }],
      ],
    },
  },
  { schema: 'leave', base: {}, members: [], arrays: [], maps: [] },
  {
    schema: 'ack',
    base: { through: 12, head: 41, epoch: 7, time: 1_800_000_005_000, facts: 1 },
    members: [
      [['through'], 'uint53'],
      [['head'], 'uint53'],
      [['epoch'], 'count'],
      [['time'], 'uint53'],
      [['facts'], 'count'],
    ],
    arrays: [],
    maps: [],
    optional: ['facts'],
  },
  {
    schema: 'epoch',
    base: { epoch: 8, key: draw('epoch key 8', 32), head: 45 },
    members: [
      [['epoch'], 'count'],
      [['key'], 'key'],
      [['head'], 'uint53'],
    ],
    arrays: [],
    maps: [],
  },
  {
    schema: 'command',
    base: textCommand,
    members: [
      [['id'], 'id'],
      [['target'], 'id'],
      [['issued'], 'uint53'],
      [['expires'], 'uint53'],
      [['action', 'text'], 'text'],
    ],
    arrays: [],
    maps: [['action']],
    more: {
      good: [
        ['for everyone', broadcastCommand],
        ['interval 1', { ...textCommand, action: { type: 'interval', seconds: 1 } }],
        ['interval 3600', { ...textCommand, action: { type: 'interval', seconds: 3600 } }],
      ],
      bad: [
        ['an action of no known type', { ...textCommand, action: { type: 'reboot' } }],
        ['an action without a type', { ...textCommand, action: { text: 'a' } }],
        ['interval 0', { ...textCommand, action: { type: 'interval', seconds: 0 } }],
        ['interval 3601', { ...textCommand, action: { type: 'interval', seconds: 3601 } }],
        ['interval 1.5', { ...textCommand, action: { type: 'interval', seconds: 1.5 } }],
        ['a text with seconds', { ...textCommand, action: { type: 'text', text: 'a', seconds: 1 } }],
        ['an interval with a text', { ...textCommand, action: { type: 'interval', text: 'a', seconds: 1 } }],
        [
          'an interval that has a text in place of seconds',
          { ...textCommand, action: { type: 'interval', text: 'a' } },
        ],
      ],
    },
  },
];
