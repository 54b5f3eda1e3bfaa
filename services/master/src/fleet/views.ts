// What the page and the API see of the fleet. The types come from the schemas, which the routes declare.
// Times are in milliseconds since 1970, ids are 32 lower-case hexadecimal digits.
import { Type, type Static } from 'typebox';

const closed = { additionalProperties: false } as const;

const Uint53 = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Percent = Type.Number({ minimum: 0, maximum: 100, description: 'Percent' });
const Rate = Type.Number({ minimum: 0, maximum: 1e15 });
const Ms = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Milliseconds since 1970' });
const Bytes = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Bytes' });
const ByteRate = Type.Number({ minimum: 0, maximum: 1e15, description: 'Bytes a second' });

export const NodeId = Type.String({ pattern: '^[0-9a-f]{32}$' });

/** PROTOCOL.md, Payloads: `sample`. */
export const Sample = Type.Object(
  {
    number: Uint53,
    at: Ms,
    uptime: Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER, description: 'Seconds' }),
    cpu: Percent,
    cores: Type.Array(Percent),
    load: Type.Tuple([Rate, Rate, Rate]),
    memory: Type.Object({ total: Bytes, available: Bytes }, closed),
    swap: Type.Object({ total: Bytes, free: Bytes }, closed),
    disks: Type.Array(
      Type.Object(
        { mount: Type.String(), device: Type.String(), type: Type.String(), total: Bytes, free: Bytes },
        closed,
      ),
    ),
    io: Type.Array(Type.Object({ device: Type.String(), read: ByteRate, written: ByteRate, busy: Percent }, closed)),
    interfaces: Type.Array(Type.Object({ name: Type.String(), received: ByteRate, sent: ByteRate }, closed)),
    temperatures: Type.Array(Type.Object({ name: Type.String(), celsius: Type.Number() }, closed)),
  },
  closed,
);
export type Sample = Static<typeof Sample>;

const Policy = Type.Object(
  {
    level: Type.Union([Type.Literal('observe'), Type.Literal('operate'), Type.Literal('admin')]),
    allowed: Type.Array(Type.String()),
    more: Uint53,
  },
  closed,
);

/** PROTOCOL.md, Payloads: `facts`. */
export const Facts = Type.Object(
  {
    name: Type.String(),
    os: Type.String(),
    kernel: Type.String(),
    arch: Type.String(),
    version: Type.String(),
    vendor: Type.String(),
    model: Type.String(),
    cpu: Type.Object({ model: Type.String(), cores: Uint53, threads: Uint53 }, closed),
    memory: Bytes,
    boot: Ms,
    disks: Type.Array(Type.Object({ name: Type.String(), model: Type.String(), size: Bytes }, closed)),
    gpus: Type.Array(Type.String()),
    addresses: Type.Array(Type.String()),
    /** As the node tells it; the node decides by its own. */
    policy: Type.Optional(Policy),
  },
  closed,
);
export type Facts = Static<typeof Facts>;

const Seconds = Type.Integer({ minimum: 1, maximum: 3600, description: 'Seconds' });
const printable = '[^\\u0000-\\u001f\\u007f-\\u009f]*$';

/** PROTOCOL.md, Payloads: `action`, but for lengths of text, which JSON Schema counts in characters and PROTOCOL.md in bytes. */
export const Action = Type.Union([
  Type.Object(
    {
      type: Type.Literal('text'),
      text: Type.String({
        minLength: 1,
        maxLength: 4096,
        pattern: '^[^\\u0000-\\u0008\\u000b-\\u001f\\u007f-\\u009f]*$',
      }),
    },
    closed,
  ),
  Type.Object({ type: Type.Literal('interval'), seconds: Seconds }, closed),
  Type.Object({ type: Type.Literal('rotate') }, closed),
  Type.Object(
    {
      type: Type.Literal('run'),
      program: Type.String({ maxLength: 256, pattern: `^/${printable}` }),
      arguments: Type.Array(Type.String({ maxLength: 256, pattern: `^${printable}` }), { maxItems: 32 }),
      seconds: Seconds,
    },
    closed,
  ),
]);
export type Action = Static<typeof Action>;

/** Who has joined, or was added, and is refused at the data ports by the operator's own list. */
const KeptOut = Type.Object(
  {
    since: Ms,
    /** As that list takes it. */
    hopKey: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    /** The setting that names the list. */
    by: Type.Union([Type.Literal('mq_zap_file'), Type.Literal('mq_zap_command')]),
  },
  closed,
);
export type KeptOut = Static<typeof KeptOut>;

export const NodeView = Type.Object(
  {
    id: NodeId,
    /** What people call it, or else what it says itself, which its facts have in any case. */
    name: Type.String(),
    facts: Type.Union([Facts, Type.Null()]),
    state: Type.Union([Type.Literal('alive'), Type.Literal('away'), Type.Literal('never')]),
    /** When this state began. */
    since: Ms,
    lastSeen: Type.Union([Ms, Type.Null()]),
    /** Seconds between two samples. */
    interval: Seconds,
    joinedAt: Ms,
    sample: Type.Union([Sample, Type.Null()]),
    /** A second machine with this node's identity is held out: since when, and how often it has tried since. */
    cloned: Type.Union([Type.Object({ since: Ms, tries: Uint53 }, closed), Type.Null()]),
    /** It counts as away, whatever it says at the join ports. */
    keptOut: Type.Union([KeptOut, Type.Null()]),
  },
  closed,
);
export type NodeView = Static<typeof NodeView>;

export const Outcome = Type.Union([
  Type.Literal('waiting'),
  Type.Literal('done'),
  Type.Literal('refused'),
  Type.Literal('failed'),
  Type.Literal('expired'),
]);
export type Outcome = Static<typeof Outcome>;

export const CommandView = Type.Object(
  {
    id: NodeId,
    issued: Ms,
    expires: Ms,
    /** The name of the person. */
    by: Type.String(),
    action: Action,
    everyone: Type.Boolean(),
    receipts: Type.Array(
      Type.Object(
        {
          node: NodeId,
          name: Type.String(),
          outcome: Outcome,
          detail: Type.Union([Type.String(), Type.Null()]),
          /** The end of what a program wrote. */
          output: Type.Union([Type.String(), Type.Null()]),
          at: Type.Union([Ms, Type.Null()]),
        },
        closed,
      ),
    ),
  },
  closed,
);
export type CommandView = Static<typeof CommandView>;

export const RelayView = Type.Object(
  {
    id: NodeId,
    name: Type.String(),
    /** Where nodes reach it. */
    host: Type.String(),
    /** PROTOCOL.md, Relays: its hop line. */
    line: Type.String(),
    addedAt: Ms,
    /** To both data ports of this master; one behind another relay never is. */
    connected: Type.Boolean(),
    /** Since when it is connected, or was last; null where it never was. */
    since: Type.Union([Ms, Type.Null()]),
    keptOut: Type.Union([KeptOut, Type.Null()]),
  },
  closed,
);
export type RelayView = Static<typeof RelayView>;

/** The process that has the sockets. */
export const TransportView = Type.Object({ up: Type.Boolean(), since: Ms, restarts: Uint53 }, closed);
export type TransportView = Static<typeof TransportView>;

const Series = Type.Array(Type.Union([Type.Number(), Type.Null()]));

/** One value a point in every list; null where a machine does not tell. */
export const History = Type.Object(
  {
    at: Type.Array(Ms),
    /** Percent. */
    cpu: Series,
    /** Percent that is not available. */
    memory: Series,
    /** Percent used. */
    swap: Series,
    /** Percent used of the fullest file system. */
    disk: Series,
    /** Bytes a second, all interfaces but `lo`. */
    received: Series,
    sent: Series,
    /** Bytes a second, all block devices. */
    read: Series,
    written: Series,
    /** Degrees Celsius of the hottest sensor. */
    temperature: Series,
    /** Over one minute. */
    load: Series,
  },
  closed,
);
export type History = Static<typeof History>;
