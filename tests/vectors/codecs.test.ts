import { describe, expect, it } from 'vitest';
import { toHex } from '../twin/bytes.ts';
import type { Body } from '../twin/schemas.ts';
import { channel } from './channel-subject.ts';
import { allMet, bodyOf, meetAll, valueOf } from './judge.ts';
import type { Vector } from './read-vectors.ts';
import { type SchemaName, verdictOf } from './subject.ts';
import { twin } from './twin-subject.ts';

describe.each([channel, twin])('the $name', (subject) => {
  it('encodes and decodes every accepted CBOR vector', () => {
    const outcome = meetAll('cbor', 'accepted', (vector) => {
      const encoded = vector.bytes('encoded');
      expect(bodyOf(subject.decodeCbor(encoded))).toEqual(vector.at('value'));
      expect(toHex(subject.encodeCbor(valueOf(vector.at('value'))))).toBe(vector.at('encoded'));
    });
    expect(outcome).toEqual(allMet('cbor', 'accepted'));
  });

  it('refuses every refused CBOR vector', () => {
    const outcome = meetAll('cbor', 'refused', (vector) => {
      expect(verdictOf(subject, () => subject.decodeCbor(vector.bytes('encoded')))).toBe(vector.at('error'));
    });
    expect(outcome).toEqual(allMet('cbor', 'refused'));
  });

  it('takes every accepted body', () => {
    const outcome = meetAll('payloads', 'accepted', (vector) => {
      const body = subject.decodeBody(schemaOf(vector), vector.bytes('encoded'));
      expect(bodyOf(body)).toEqual(vector.at('value'));
    });
    expect(outcome).toEqual(allMet('payloads', 'accepted'));
  });

  it('refuses every refused body', () => {
    const outcome = meetAll('payloads', 'refused', (vector) => {
      const decode = () => subject.decodeBody(schemaOf(vector), vector.bytes('encoded'));
      expect(verdictOf(subject, decode)).toBe(vector.at('error'));
    });
    expect(outcome).toEqual(allMet('payloads', 'refused'));
  });

  it('reads and writes every accepted invite', () => {
    const outcome = meetAll('invite', 'accepted', (vector) => {
      expect(bodyOf(subject.parseInvite(vector.text('line')))).toEqual(vector.at('fields'));
      expect(subject.formatInvite(valueOf(vector.at('fields')) as Body)).toBe(vector.text('line').trim());
    });
    expect(outcome).toEqual(allMet('invite', 'accepted'));
  });

  it('refuses every refused invite', () => {
    const outcome = meetAll('invite', 'refused', (vector) => {
      expect(verdictOf(subject, () => subject.parseInvite(vector.text('line')))).toBe(vector.at('error'));
    });
    expect(outcome).toEqual(allMet('invite', 'refused'));
  });

  it('reads and writes every accepted hop line', () => {
    const outcome = meetAll('hop', 'accepted', (vector) => {
      expect(bodyOf(subject.parseHop(vector.text('line')))).toEqual(vector.at('fields'));
      expect(subject.formatHop(valueOf(vector.at('fields')) as Body)).toBe(vector.text('line').trim());
    });
    expect(outcome).toEqual(allMet('hop', 'accepted'));
  });

  it('refuses every refused hop line', () => {
    const outcome = meetAll('hop', 'refused', (vector) => {
      expect(verdictOf(subject, () => subject.parseHop(vector.text('line')))).toBe(vector.at('error'));
    });
    expect(outcome).toEqual(allMet('hop', 'refused'));
  });

  it('reads and writes every accepted Z85 text', () => {
    const outcome = meetAll('z85', 'accepted', (vector) => {
      expect(toHex(subject.fromZ85(vector.text('z85')))).toBe(vector.at('bytes'));
      expect(subject.toZ85(vector.bytes('bytes'))).toBe(vector.at('z85'));
    });
    expect(outcome).toEqual(allMet('z85', 'accepted'));
  });

  it('refuses every refused Z85 text', () => {
    const outcome = meetAll('z85', 'refused', (vector) => {
      expect(() => subject.fromZ85(vector.text('z85'))).toThrow(/^z85: /);
    });
    expect(outcome).toEqual(allMet('z85', 'refused'));
  });
});

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

function schemaOf(vector: Vector): SchemaName {
  const found = schemaNames.find((name) => name === vector.at('schema'));
  if (!found) throw new Error('no such schema');
  return found;
}
