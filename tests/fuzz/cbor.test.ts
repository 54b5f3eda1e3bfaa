import assert from 'node:assert/strict';
import { decodeBody } from '@sealcast/channel/body';
import { decode, encode } from '@sealcast/channel/cbor';
import { decodeMessage } from '@sealcast/channel/messages';
import { commandSchema, inviteSchema, welcomeSchema } from '@sealcast/channel/payloads';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../twin/cbor.ts';
import { cborValue, command, downMessages, upMessages, welcome } from '../vectors/arbitraries.ts';
import { fuzz } from './fuzz.ts';
import { hostileBodies } from './hostile-cbor.ts';
import { invite } from './invites.ts';
import { kindOf } from './messages.ts';
import { verdictOf } from './verdict.ts';

it('any bytes are the one encoding of a value, or are refused as none', async () => {
  const outcomes = await fuzz('CBOR, values and bytes', () => ({
    inputs: hostileBodies(cborValue),
    take(bytes) {
      let value: unknown;
      const verdict = verdictOf(() => (value = decode(bytes)));
      if (verdict === 'taken') assert.deepEqual(Buffer.from(encode(value)), Buffer.from(bytes));
      else assert.equal(verdict, 'payload.encoding');
      return verdict;
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'payload.encoding']));
});

type Read = (bytes: Uint8Array) => unknown;

const named = (messages: fc.Arbitrary<[string, Value]>) =>
  messages.map(([name, body]): [Read, Value] => [(bytes) => decodeMessage(kindOf(name), bytes), body]);
const bodies: fc.Arbitrary<[Read, Value]> = fc.oneof(
  named(upMessages as fc.Arbitrary<[string, Value]>),
  named(downMessages(new Uint8Array(16)) as fc.Arbitrary<[string, Value]>),
  (welcome as fc.Arbitrary<Value>).map((body): [Read, Value] => [(bytes) => decodeBody(welcomeSchema, bytes), body]),
  (command as fc.Arbitrary<Value>).map((body): [Read, Value] => [(bytes) => decodeBody(commandSchema, bytes), body]),
  fc.constant<[Read, Value]>([(bytes) => decodeBody(inviteSchema, bytes), invite]),
);

it('any bytes are a payload that its schema takes, or are refused', async () => {
  const outcomes = await fuzz('CBOR, payload schemas', () => ({
    inputs: bodies.chain(([read, body]) => fc.tuple(fc.constant(read), hostileBodies(fc.constant(body)))),
    take([read, bytes]) {
      const verdict = verdictOf(() => read(bytes));
      assert.ok(['taken', 'payload.encoding', 'payload.schema'].includes(verdict), verdict);
      return verdict;
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'payload.encoding', 'payload.schema']));
});
