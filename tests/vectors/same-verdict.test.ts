import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { join, toHex, zero } from '../twin/bytes.ts';
import { type Value, encode } from '../twin/cbor.ts';
import { formatInvite } from '../twin/invite.ts';
import { kinds } from '../twin/envelope.ts';
import { bent, cborValue, command, downMessages, upMessages, welcome } from './arbitraries.ts';
import { channel } from './channel-subject.ts';
import { bodyOf, valueOf } from './judge.ts';
import { Vector } from './read-vectors.ts';
import { type SchemaName, type Subject, verdictOf } from './subject.ts';
import { twin } from './twin-subject.ts';

/** What becomes of it: the value, or the code. */
function outcomeOf(subject: Subject, act: (subject: Subject) => unknown): unknown {
  let value: unknown;
  const verdict = verdictOf(subject, () => {
    value = act(subject);
  });
  return verdict === 'taken' ? bodyOf(value) : verdict;
}

/** What the channel says, and what the twin says. */
function both(act: (subject: Subject) => unknown): { fast: unknown; slow: unknown } {
  return { fast: outcomeOf(channel, act), slow: outcomeOf(twin, act) };
}

const schemaNames: SchemaName[] = [
  'welcome',
  'report',
  'facts',
  'receipt',
  'ask',
  'leave',
  'ack',
  'epoch',
  'rotate',
  'rotated',
  'command',
];

describe('the twin and the channel say the same', () => {
  it('of any value as CBOR', () => {
    fc.assert(
      fc.property(cborValue, (value) => {
        const encoded = twin.encodeCbor(value);
        expect(toHex(channel.encodeCbor(value))).toBe(toHex(encoded));
        expect(bodyOf(channel.decodeCbor(encoded))).toEqual(bodyOf(value));
        expect(bodyOf(twin.decodeCbor(encoded))).toEqual(bodyOf(value));
      }),
      { numRuns: 1000 },
    );
  });

  it('of any bytes as CBOR', () => {
    const starts = fc.constantFrom(
      0x18,
      0x1b,
      0x20,
      0x41,
      0x61,
      0x62,
      0x81,
      0x82,
      0xa1,
      0xa2,
      0xc1,
      0xf4,
      0xf9,
      0xfa,
      0xfb,
    );
    const hostile = fc.array(fc.oneof(fc.nat(255), starts), { maxLength: 24 }).map((bytes) => Uint8Array.from(bytes));
    fc.assert(
      fc.property(fc.oneof(hostile, bent(cborValue.map(encode))), (bytes) => {
        const { fast, slow } = both((subject) => subject.decodeCbor(bytes));
        expect(fast).toEqual(slow);
      }),
      { numRuns: 4000 },
    );
  });

  it('of every float of two bytes', () => {
    const floats = Array.from({ length: 2 ** 16 }, (_, bits) => Uint8Array.of(0xf9, bits >> 8, bits & 0xff));
    const differing = floats.filter((bytes) => {
      const { fast, slow } = both((subject) => subject.decodeCbor(bytes));
      return fast !== slow;
    });
    expect(differing).toEqual([]);
  });

  it('of any body under any schema', () => {
    const messages = fc
      .oneof(upMessages, downMessages(zero(16)))
      .map(([kind, body]) => ({ schema: kind.toLowerCase(), body }));
    const bodies = fc.oneof(
      messages,
      welcome.map((body) => ({ schema: 'welcome', body })),
      command.map((body) => ({ schema: 'command', body })),
    );
    const bodyBytes = bodies.map(({ body }) => encode(body));
    const schemas = fc.constantFrom(...schemaNames);
    fc.assert(
      fc.property(bodies, ({ schema, body }) => {
        const name = schemaNames.find((one) => one === schema) ?? 'leave';
        expect(bodyOf(channel.decodeBody(name, encode(body)))).toEqual(bodyOf(body));
        const { fast, slow } = both((subject) => subject.decodeBody(name, encode(body)));
        expect(fast).toEqual(slow);
      }),
      { numRuns: 300 },
    );
    fc.assert(
      fc.property(schemas, fc.oneof(bodyBytes, bent(bodyBytes), cborValue.map(encode)), (schema, bytes) => {
        const { fast, slow } = both((subject) => subject.decodeBody(schema, bytes));
        expect(fast).toEqual(slow);
      }),
      { numRuns: 1000 },
    );
  });

  it('of a body in which one member is any value', () => {
    const accepted = Vector.file('payloads').list('accepted');
    const member = fc.record({ vector: fc.constantFrom(...accepted), which: fc.nat(), value: cborValue });
    fc.assert(
      fc.property(member, ({ vector, which, value }) => {
        const schema = schemaNames.find((name) => name === vector.at('schema')) ?? 'leave';
        const bytes = encode(withAnyMember(valueOf(vector.at('value')), which, value));
        const { fast, slow } = both((subject) => subject.decodeBody(schema, bytes));
        expect(fast).toEqual(slow);
      }),
      { numRuns: 1500 },
    );
  });

  it('of any sequences in any order', () => {
    const near = fc.integer({ min: 1, max: 3000 });
    const far = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 9, arbitrary: near }, { weight: 1, arbitrary: far }), { maxLength: 400 }),
        (sequences) => {
          const [fast, slow] = [channel.replayWindow(), twin.replayWindow()];
          expect(sequences.map((sequence) => fast(sequence))).toEqual(sequences.map((sequence) => slow(sequence)));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of any line as an invite', () => {
    const [first] = Vector.file('invite').list('accepted');
    const line = first?.text('line') ?? '';
    const fields = valueOf(first?.at('fields') ?? null);
    const bentLine = bent(fc.constant(new TextEncoder().encode(line))).map((bytes) => new TextDecoder().decode(bytes));
    const others = cborValue.map((value) => {
      const host = typeof value === 'string' ? value : 'h';
      const invite = { ...Object(fields), host };
      return twin.codeOf(errorOf(() => formatInvite(invite))) ? line : formatInvite(invite);
    });
    fc.assert(
      fc.property(fc.oneof(bentLine, others, fc.string()), (text) => {
        const { fast, slow } = both((subject) => subject.parseInvite(text));
        expect(fast).toEqual(slow);
      }),
      { numRuns: 300 },
    );
  });

  it('of any bytes as Z85', () => {
    const words = fc.uint8Array({ maxLength: 40 }).map((bytes) => bytes.slice(0, bytes.length - (bytes.length % 4)));
    fc.assert(
      fc.property(words, (bytes) => {
        const text = twin.toZ85(bytes);
        expect(channel.toZ85(bytes)).toBe(text);
        expect(toHex(channel.fromZ85(text))).toBe(toHex(bytes));
        expect(toHex(twin.fromZ85(text))).toBe(toHex(bytes));
      }),
    );
  });

  it('of any bytes in place of a frame of a session', () => {
    const given = Vector.file('report').inner('given');
    const secrets = {
      keyId: given.bytes('keyId'),
      up: given.bytes('upKey'),
      down: given.bytes('downKey'),
      topic: zero(16),
      nodeId: given.bytes('nodeId'),
      masterId: given.bytes('masterId'),
    };
    const heads = fc
      .tuple(fc.constantFrom(...Object.values(kinds), 0x7f), fc.uint8Array({ maxLength: 80 }))
      .map(([kind, rest]) => join(Uint8Array.of(1, 1, kind, 0), rest));
    const sound = Vector.file('report').bytes('sound');
    fc.assert(
      fc.property(
        fc.oneof(fc.uint8Array({ maxLength: 100 }), heads, bent(fc.constant(sound))),
        fc.boolean(),
        (frame, isNode) => {
          const { fast, slow } = both(
            (subject) => subject.session(isNode ? 'node' : 'master', secrets, []).open(frame).body,
          );
          expect(fast).toEqual(slow);
        },
      ),
      { numRuns: 1000 },
    );
  });
});

/** The value with one of its members, counted through all depths, replaced. */
function withAnyMember(value: Value, which: number, member: Value): Value {
  if (value === null || typeof value !== 'object' || value instanceof Uint8Array) return member;
  const names = Object.keys(value);
  if (names.length === 0) return member;
  const at = names[which % names.length] ?? '';
  const rest = Math.floor(which / names.length);
  const replace = (inner: Value) => (rest % 3 === 0 ? member : withAnyMember(inner, Math.floor(rest / 3), member));
  if (Array.isArray(value)) return value.map((item, index) => (String(index) === at ? replace(item) : item));
  return { ...value, [at]: replace(value[at] ?? null) };
}

function errorOf(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}
