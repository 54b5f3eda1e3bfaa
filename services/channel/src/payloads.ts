import * as v from 'valibot';
import { isZero } from './bytes.ts';
import { askMax, reportSamples } from './constants.ts';

// PROTOCOL.md, Payloads: the CDDL, names and limits as they stand there.

const uint53 = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const count = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
/** Milliseconds since 1970. */
const ms = uint53;
const seconds = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(3600));
const percent = within(0, 100);
const rate = within(0, 1e15);
const name = textOf(1, 64, isPrintable);
const line = textOf(0, 256, isPrintable);
const path = textOf(1, 256, isPrintable);
const text = textOf(1, 4096, (value) => isPrintable(value.replaceAll(/[\n\t]/g, '')));

function within(min: number, max: number) {
  return v.pipe(v.number(), v.finite(), v.minValue(min), v.maxValue(max));
}

/** Sizes are in bytes of UTF-8. */
function textOf(min: number, max: number, allowed: (value: string) => boolean) {
  return v.pipe(
    v.string(),
    v.check(
      (value) => value.isWellFormed() && allowed(value),
      'Text with a control character or half a surrogate pair',
    ),
    v.minBytes(min),
    v.maxBytes(max),
  );
}

/** No U+0000 to U+001F, no U+007F to U+009F. */
function isPrintable(value: string): boolean {
  return !/\p{Cc}/u.test(value);
}

/** Of any buffer: v.instance would say more of the type than is meant. */
const anyBytes = v.custom<Uint8Array>((value) => value instanceof Uint8Array);

function bytes(length: number) {
  return v.pipe(anyBytes, v.length(length));
}

function list<const Item extends v.GenericSchema>(max: number, item: Item) {
  return v.pipe(v.array(item), v.maxLength(max));
}

/** libzmq takes an all-zero key for a key. */
const curveKey = v.pipe(
  bytes(32),
  v.check((key) => !isZero(key), 'A CURVE key that is all zero'),
);

/** SubjectPublicKeyInfo, DER. */
const spki = v.pipe(anyBytes, v.minLength(256), v.maxLength(300));

export const welcomeSchema = v.strictObject({
  epoch: count,
  key: bytes(32),
  head: uint53,
  through: uint53,
  time: ms,
  interval: seconds,
  /** The master's newest RSA key, where HELLO came under an older one. */
  rsa: v.exactOptional(spki),
});
export type Welcome = v.InferOutput<typeof welcomeSchema>;

export const sampleSchema = v.strictObject({
  number: count,
  at: ms,
  /** Seconds. */
  uptime: uint53,
  /** Busy share since the sample before. */
  cpu: percent,
  cores: list(1024, percent),
  /** Over 1, 5 and 15 minutes. */
  load: v.strictTuple([rate, rate, rate]),
  /** Bytes. */
  memory: v.strictObject({ total: uint53, available: uint53 }),
  swap: v.strictObject({ total: uint53, free: uint53 }),
  disks: list(64, v.strictObject({ mount: path, device: name, type: name, total: uint53, free: uint53 })),
  /** Bytes a second. */
  io: list(64, v.strictObject({ device: name, read: rate, written: rate, busy: percent })),
  interfaces: list(64, v.strictObject({ name, received: rate, sent: rate })),
  temperatures: list(64, v.strictObject({ name, celsius: within(-273, 1000) })),
});
export type Sample = v.InferOutput<typeof sampleSchema>;

export const reportSchema = v.strictObject({ samples: list(reportSamples, sampleSchema) });
export type Report = v.InferOutput<typeof reportSchema>;

export const factsSchema = v.strictObject({
  name,
  os: line,
  kernel: line,
  arch: name,
  version: name,
  vendor: line,
  model: line,
  cpu: v.strictObject({ model: line, cores: count, threads: count }),
  /** Bytes. */
  memory: uint53,
  boot: ms,
  disks: list(64, v.strictObject({ name, model: line, size: uint53 })),
  gpus: list(16, line),
  addresses: list(64, name),
  /** What the node lets be done, for people to read. */
  policy: v.exactOptional(
    v.strictObject({
      level: v.picklist(['observe', 'operate', 'admin']),
      /** Beside the level; of `run`, with a program and its arguments. */
      allowed: list(64, line),
      /** Allowed too, and not told. */
      more: uint53,
    }),
  ),
});
export type Facts = v.InferOutput<typeof factsSchema>;

export const receiptSchema = v.strictObject({
  command: bytes(16),
  outcome: v.picklist(['done', 'refused', 'failed', 'expired']),
  detail: v.exactOptional(line),
  /** The end of what a program wrote. */
  output: v.exactOptional(text),
});
export type Receipt = v.InferOutput<typeof receiptSchema>;

export const askSchema = v.strictObject({
  epoch: uint53,
  missing: v.pipe(
    list(askMax, count),
    v.check(
      (numbers) => numbers.every((number, index) => index === 0 || number > (numbers[index - 1] ?? 0)),
      'Each number above the one before',
    ),
  ),
});
export type Ask = v.InferOutput<typeof askSchema>;

/** Without keys to miss, an object schema would take an array or bytes too. */
export const leaveSchema = v.pipe(
  v.custom<object>((value) => typeof value === 'object' && !Array.isArray(value) && !(value instanceof Uint8Array)),
  v.strictObject({}),
);
export type Leave = Record<string, never>;

export const rotateSchema = v.strictObject({
  /** Ed25519, the new one. */
  identity: bytes(32),
  /** The signatures of the old and the new one. */
  old: bytes(64),
  new: bytes(64),
});
export type Rotate = v.InferOutput<typeof rotateSchema>;

export const ackSchema = v.strictObject({
  through: uint53,
  head: uint53,
  epoch: count,
  time: ms,
  facts: v.optional(count),
});
export type Ack = v.InferOutput<typeof ackSchema>;

export const epochSchema = v.strictObject({ epoch: count, key: bytes(32), head: uint53 });
export type EpochChange = v.InferOutput<typeof epochSchema>;

export const rotatedSchema = v.strictObject({ identity: bytes(32) });
export type Rotated = v.InferOutput<typeof rotatedSchema>;

const program = v.pipe(
  path,
  v.check((value) => value.startsWith('/'), 'A program that does not begin with /'),
);

const actionSchema = v.variant('type', [
  v.strictObject({ type: v.literal('text'), text }),
  v.strictObject({ type: v.literal('interval'), seconds }),
  v.strictObject({ type: v.literal('rotate') }),
  v.strictObject({ type: v.literal('run'), program, arguments: list(32, line), seconds }),
]);

export const commandSchema = v.strictObject({
  id: bytes(16),
  target: bytes(16),
  issued: ms,
  expires: ms,
  action: actionSchema,
});
export type Command = v.InferOutput<typeof commandSchema>;

const port = v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65535));

const mechanism = v.picklist(['curve', 'plain', 'null']);
/** What the ZeroMQ hop speaks (PROTOCOL.md, Mechanisms). */
export type Mechanism = v.InferOutput<typeof mechanism>;

const inviteFields = v.strictObject({
  host: name,
  /** PUSH to, SUB from. */
  data: v.strictTuple([port, port]),
  join: v.strictTuple([port, port]),
  mechanism,
  rsa: spki,
  signing: bytes(32),
  /** All zero where the mechanism is not CURVE. */
  curve: bytes(32),
  code: bytes(16),
  /** Seconds since 1970. */
  expires: uint53,
  /** SHA-256 of the program that installs a node, as the master serves it. */
  install: v.exactOptional(bytes(32)),
});
export const inviteSchema = v.pipe(
  inviteFields,
  v.check(
    (invite) => isZero(invite.curve) === (invite.mechanism !== 'curve'),
    'A CURVE key that is all zero, or is not',
  ),
);
export type Invite = v.InferOutput<typeof inviteSchema>;

/** A hop line's: how a hop is reached. */
export const hopSchema = v.strictObject({
  host: name,
  /** PUSH to, SUB from. */
  data: v.strictTuple([port, port]),
  join: v.strictTuple([port, port]),
  /** What nodes meet there. */
  curve: curveKey,
  /** What a relay shows to the hop above it. */
  up: v.exactOptional(curveKey),
});
export type Hop = v.InferOutput<typeof hopSchema>;
