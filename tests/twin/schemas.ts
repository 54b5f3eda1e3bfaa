// PROTOCOL.md, Payloads and The invite: the CDDL, each rule a plain check that says whether a value is one.
import type { Value } from './cbor.ts';
import { refuse, refuseUnless } from './refused.ts';

type Check = (value: Value) => boolean;

const maxInteger = 9_007_199_254_740_991;

const integer =
  (min: number, max: number): Check =>
  (value) =>
    Number.isInteger(value) && Number(value) >= min && Number(value) <= max;
const number =
  (min: number, max: number): Check =>
  (value) =>
    typeof value === 'number' && value >= min && value <= max;
const bytes =
  (min: number, max = min): Check =>
  (value) =>
    value instanceof Uint8Array && value.length >= min && value.length <= max;
const string =
  (min: number, max: number, allowed = ''): Check =>
  (value) => {
    if (typeof value !== 'string') return false;
    const length = new TextEncoder().encode(value).length;
    return (
      length >= min &&
      length <= max &&
      Array.from(value).every((letter) => !isControl(letter) || allowed.includes(letter))
    );
  };
const array =
  (min: number, max: number, item: Check): Check =>
  (value) =>
    Array.isArray(value) && value.length >= min && value.length <= max && value.every(item);
const oneOf =
  (...checks: Check[]): Check =>
  (value) =>
    checks.some((check) => check(value));
const literal =
  (text: string): Check =>
  (value) =>
    value === text;
/** A map of exactly these keys; one whose name ends in ? may be missing. */
const map =
  (members: Record<string, Check>): Check =>
  (value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value) || value instanceof Uint8Array)
      return false;
    const names = Object.keys(members).map((name) => name.replace('?', ''));
    if (!Object.keys(value).every((key) => names.includes(key))) return false;
    return Object.entries(members).every(([name, check]) => {
      const inner = value[name.replace('?', '')];
      return inner === undefined ? name.endsWith('?') : check(inner);
    });
  };

function isControl(letter: string): boolean {
  const point = letter.codePointAt(0) ?? 0;
  return point <= 0x1f || (point >= 0x7f && point <= 0x9f);
}

const uint53 = integer(0, maxInteger);
const count = integer(1, maxInteger);
const ms = uint53;
const seconds = integer(1, 3600);
const percent = number(0, 100);
const rate = number(0, 1e15);
const name = string(1, 64);
const line = string(0, 256);
const path = string(1, 256);
const text = string(1, 4096, '\n\t');
const port = integer(1, 65535);

const sample = map({
  number: count,
  at: ms,
  uptime: uint53,
  cpu: percent,
  cores: array(0, 1024, percent),
  load: array(3, 3, rate),
  memory: map({ total: uint53, available: uint53 }),
  swap: map({ total: uint53, free: uint53 }),
  disks: array(0, 64, map({ mount: path, device: name, type: name, total: uint53, free: uint53 })),
  io: array(0, 64, map({ device: name, read: rate, written: rate, busy: percent })),
  interfaces: array(0, 64, map({ name, received: rate, sent: rate })),
  temperatures: array(0, 64, map({ name, celsius: number(-273, 1000) })),
});
const program: Check = (value) => path(value) && typeof value === 'string' && value.startsWith('/');
const action = oneOf(
  map({ type: literal('text'), text }),
  map({ type: literal('interval'), seconds }),
  map({ type: literal('rotate') }),
  map({ type: literal('run'), program, arguments: array(0, 32, line), seconds }),
);
const outcome = oneOf(literal('done'), literal('refused'), literal('failed'), literal('expired'));
const level = oneOf(literal('observe'), literal('operate'), literal('admin'));
const rising: Check = (value) =>
  Array.isArray(value) && value.every((item, index) => index === 0 || Number(item) > Number(value[index - 1]));

const allZero: Check = (value) => bytes(32)(value) && Object.values(Object(value)).every((byte) => byte === 0);
const notZero: Check = (value) => bytes(32)(value) && !allZero(value);
const invite = {
  host: name,
  data: array(2, 2, port),
  join: array(2, 2, port),
  rsa: bytes(256, 300),
  signing: bytes(32),
  code: bytes(16),
  expires: uint53,
  'install?': bytes(32),
};

export const schemas = {
  welcome: map({
    epoch: count,
    key: bytes(32),
    head: uint53,
    through: uint53,
    time: ms,
    interval: seconds,
    'rsa?': bytes(256, 300),
  }),
  report: map({ samples: array(0, 64, sample) }),
  facts: map({
    name,
    os: line,
    kernel: line,
    arch: name,
    version: name,
    vendor: line,
    model: line,
    cpu: map({ model: line, cores: count, threads: count }),
    memory: uint53,
    boot: ms,
    disks: array(0, 64, map({ name, model: line, size: uint53 })),
    gpus: array(0, 16, line),
    addresses: array(0, 64, name),
    'policy?': map({ level, allowed: array(0, 64, line), more: uint53 }),
  }),
  receipt: map({ command: bytes(16), outcome, 'detail?': line, 'output?': text }),
  ask: map({ epoch: uint53, missing: (value) => array(0, 64, count)(value) && rising(value) }),
  leave: map({}),
  rotate: map({ identity: bytes(32), old: bytes(64), new: bytes(64) }),
  ack: map({ through: uint53, head: uint53, epoch: count, time: ms, 'facts?': count }),
  epoch: map({ epoch: count, key: bytes(32), head: uint53 }),
  rotated: map({ identity: bytes(32) }),
  command: map({ id: bytes(16), target: bytes(16), issued: ms, expires: ms, action }),
  invite: oneOf(
    map({ ...invite, mechanism: literal('curve'), curve: notZero }),
    map({ ...invite, mechanism: literal('plain'), curve: allZero }),
    map({ ...invite, mechanism: literal('null'), curve: allZero }),
  ),
  hop: map({ host: name, data: array(2, 2, port), join: array(2, 2, port), curve: notZero, 'up?': notZero }),
};

export type Body = { [key: string]: Value };

/** @returns the value, which is one of the schema; refuses others with payload.schema */
export function checkBody(schema: keyof typeof schemas, value: Value): Body {
  refuseUnless(schemas[schema](value), 'payload.schema');
  return isBody(value) ? value : refuse('payload.schema');
}

function isBody(value: Value): value is Body {
  return value !== null && typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array);
}
