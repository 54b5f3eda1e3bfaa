// payloads.json: every rule of the CDDL, at its edges and beyond them.
import { join, zero } from '../bytes.ts';
import { encode, type Value } from '../cbor.ts';
import type { Body, schemas } from '../schemas.ts';
import { broadcastCommand, plainSample, textCommand, withMember } from './bodies.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import { draw, welcomeBody } from './world.ts';

type Schema = Exclude<keyof typeof schemas, 'invite' | 'hop'>;
type Path = (string | number)[];
/** What each type of the CDDL takes and does not take, beside the largest and smallest. */
interface Edges {
  good: [name: string, value: Value][];
  bad: [name: string, value: Value][];
}

const max = 9_007_199_254_740_991;
const named = (...values: number[]): [string, Value][] => values.map((value) => [String(value), value]);
const ascii = (length: number) => 'x'.repeat(length);
const wrongTypes: [string, Value][] = [
  ['null', null],
  ['an empty array', []],
];
const controls: [string, Value][] = ['\u0000', '\u001f', '\u007f', '\u0080', '\u009f'].map((letter) => [
  `text with U+00${letter.charCodeAt(0).toString(16).padStart(2, '0').toUpperCase()}`,
  `a${letter}b`,
]);
const lineBreaks: [string, Value][] = [
  ['text with a line feed', 'a\nb'],
  ['text with a tab', 'a\tb'],
];

function texts(min: number, most: number): Edges {
  const empty: [string, Value] = ['empty text', ''];
  return {
    good: [
      [`text of ${most} bytes`, ascii(most)],
      [`${most / 2} letters of two bytes each`, 'ü'.repeat(most / 2)],
      ['text of one byte', ' '],
      ...(min === 0 ? [empty] : []),
    ],
    bad: [
      [`text of ${most + 1} bytes`, ascii(most + 1)],
      [`${most / 2 + 1} letters of two bytes each`, 'ü'.repeat(most / 2 + 1)],
      ...(min === 0 ? [] : [empty]),
      ['bytes', join(new TextEncoder().encode('abc'))],
      ['an integer', 1],
    ],
  };
}

function bytes(length: number): Edges {
  return {
    good: [['zeros', zero(length)]],
    bad: [
      ['one byte fewer', zero(length - 1)],
      ['one byte more', zero(length + 1)],
      ['text', ascii(length)],
    ],
  };
}

const integers: [string, Value][] = [
  ['a fraction', 1.5],
  ['text', '1'],
  ['true', true],
];

const types = {
  uint53: { good: named(0, max), bad: [...named(-1), ...integers] },
  count: { good: named(1, max), bad: [...named(0, -1), ...integers] },
  seconds: { good: named(1, 3600), bad: [...named(0, 3601), ...integers] },
  percent: { good: named(0, 100, 0.1), bad: [...named(-0.5, -1, 100.5, 101), ['text', '1']] },
  rate: { good: named(0, 1e15, 0.1), bad: [...named(-0.5, -1, 1_000_000_000_000_001), ['text', '1']] },
  celsius: { good: named(-273, 1000, -0.5), bad: [...named(-273.5, -274, 1000.5, 1001), ['text', '1']] },
  name: texts(1, 64),
  line: texts(0, 256),
  path: texts(1, 256),
  text: texts(1, 4096),
  id: bytes(16),
  key: bytes(32),
  signature: bytes(64),
  rsa: {
    good: [
      ['256 bytes', zero(256)],
      ['300 bytes', zero(300)],
    ],
    bad: [
      ['255 bytes', zero(255)],
      ['301 bytes', zero(301)],
      ['text', ascii(256)],
    ],
  },
} satisfies Record<string, Edges>;

/** Types of which one member each has all control characters tried on it. */
const controlled: Partial<Record<keyof typeof types, Edges>> = {
  name: { good: [['a byte order mark and other letters', '\ufeff水𐅑']], bad: [...controls, ...lineBreaks] },
  line: { good: [], bad: [...controls, ...lineBreaks] },
  path: { good: [], bad: [...controls, ...lineBreaks] },
  text: { good: lineBreaks, bad: [...controls, ['text with a carriage return', 'a\rb']] },
};

type Members = [path: Path, type: keyof typeof types][];

interface Described {
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
};
const inSample = (path: Path): Path => ['samples', 0, ...path];

function runOf(member: Body): Body {
  return { ...textCommand, action: { type: 'run', program: '/bin/true', arguments: [], seconds: 1, ...member } };
}

const described: Described[] = [
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
    ],
    arrays: [
      [['disks'], { name: 'a', model: '', size: 0 }, 0, 64],
      [['gpus'], '', 0, 16],
      [['addresses'], '::1', 0, 64],
    ],
    maps: [['cpu'], ['disks', 0]],
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
    base: { through: 12, head: 41, epoch: 7, time: 1_800_000_005_000 },
    members: [
      [['through'], 'uint53'],
      [['head'], 'uint53'],
      [['epoch'], 'count'],
      [['time'], 'uint53'],
    ],
    arrays: [],
    maps: [],
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

interface Case {
  schema: Schema;
  name: string;
  value: Value;
}

function casesOf({ schema, base, members, arrays, maps, optional, called = '', more }: Described): {
  good: Case[];
  bad: Case[];
} {
  const [good, bad]: [Case[], Case[]] = [[{ schema, name: `${called}as it comes`, value: base }], []];
  const say = (cases: Case[], path: Path, what: string, member: Value | undefined) =>
    cases.push({ schema, name: `${called}${path.join('.')}: ${what}`, value: withMember(base, path, member) });

  for (const [path, type] of members) {
    const edges = [types[type], controlledOnce(type) ?? { good: [], bad: [] }];
    for (const [what, member] of edges.flatMap((edge) => edge.good)) say(good, path, what, member);
    for (const [what, member] of [...edges.flatMap((edge) => edge.bad), ...wrongTypes]) say(bad, path, what, member);
    const isMember = typeof path.at(-1) === 'string';
    if (isMember) say(optional?.some((name) => name === path.at(-1)) ? good : bad, path, 'missing', undefined);
  }
  for (const [path, item, fewest, most] of arrays) {
    say(good, path, `${most} items`, Array(most).fill(item));
    if (fewest !== most) say(good, path, `${fewest} items`, Array(fewest).fill(item));
    say(bad, path, `${most + 1} items`, Array(most + 1).fill(item));
    if (fewest > 0) say(bad, path, `${fewest - 1} items`, Array(fewest - 1).fill(item));
    say(bad, path, 'a map', {});
    say(bad, path, 'null', null);
    say(bad, path, 'missing', undefined);
  }
  for (const path of maps) {
    say(bad, [...path, 'zzz'], 'a key that is not listed', 0);
    say(bad, path, 'null', null);
    say(bad, path, 'an array', []);
    if (typeof path.at(-1) === 'string') say(bad, path, 'missing', undefined);
  }
  for (const key of ['zzz', '', 'toString', 'constructor', '__proto__']) {
    bad.push({
      schema,
      name: `${called}a key that is not listed, "${key}"`,
      value: Object.fromEntries([...Object.entries(base), [key, 0]]),
    });
  }
  for (const [name, value] of [
    ['null in place of the map', null],
    ['an array in place of the map', []],
    ['bytes in place of the map', zero(0)],
    ['an integer in place of the map', 0],
  ] satisfies [string, Value][]) {
    bad.push({ schema, name: `${called}${name}`, value });
  }
  good.push(...(more?.good ?? []).map(([name, value]) => ({ schema, name, value })));
  bad.push(...(more?.bad ?? []).map(([name, value]) => ({ schema, name, value })));
  return { good, bad };
}

let seen = new Set<string>();
function controlledOnce(type: keyof typeof types): Edges | undefined {
  if (seen.has(type)) return undefined;
  seen.add(type);
  return controlled[type];
}

export function payloadsFile(): VectorFile {
  seen = new Set();
  const cases = described.map(casesOf);
  return {
    about:
      'Bodies (PROTOCOL.md, Payloads), each in the one encoding of its value. schema names the rule of the CDDL. accepted: ' +
      'value and encoded; a byte string in a value is {"hex"}. refused: a value that breaks one rule at one place.',
    accepted: cases
      .flatMap(({ good }) => good)
      .map(({ schema, name, value }) => ({ schema, name, value: bodyInJson(value), encoded: inJson(encode(value)) })),
    refused: cases
      .flatMap(({ bad }) => bad)
      .map(({ schema, name, value }) => ({ schema, name, error: 'payload.schema', encoded: inJson(encode(value)) })),
  };
}
