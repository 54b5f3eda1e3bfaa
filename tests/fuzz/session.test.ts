import assert from 'node:assert/strict';
import { encode } from '@sealcast/channel/cbor';
import type * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../twin/cbor.ts';
import { downMessages, upMessages } from '../vectors/arbitraries.ts';
import { fuzz } from './fuzz.ts';
import { encodedMessages, type Hostile, hostileMessages, sequenceOf } from './messages.ts';
import { carryOut, type Plan, plans } from './mutation.ts';
import { type Ends, sessionEnds } from './parties.ts';
import { verdictOf } from './verdict.ts';

type Named = fc.Arbitrary<[string, Value]>;

/** What goes from one end of a session to the other. */
interface Way {
  messages: (ends: Ends) => Named;
  sender: (ends: Ends) => Ends['node'];
  receiver: (ends: Ends) => Ends['node'];
  raw: (ends: Ends) => Ends['up'];
}

const up: Way = {
  messages: () => upMessages,
  sender: ({ node }) => node,
  receiver: ({ master }) => master,
  raw: (ends) => ends.up,
};

const down: Way = {
  messages: ({ node }) => downMessages(node.nodeId),
  sender: ({ master }) => master,
  receiver: ({ node }) => node,
  raw: (ends) => ends.down,
};

function changedBytes({ messages, sender, receiver }: Way) {
  const ends = sessionEnds();
  const bodies = encodedMessages(messages(ends), 6);
  const honest = bodies.map(([kind, body]) => sender(ends).sealEncoded(kind, body));
  const strange = encodedMessages(messages(sessionEnds()), 1).map(([kind, body]) =>
    sender(sessionEnds()).sealEncoded(kind, body),
  );
  const frames = [...honest, ...strange];
  return {
    inputs: plans,
    take(plan: Plan) {
      const frame = carryOut(plan, frames);
      if (frames.some((one) => frame.equals(one))) return 'as it was';
      const verdict = verdictOf(() => receiver(ends).open(frame));
      assert.notEqual(verdict, 'taken');
      assert.equal(receiver(ends).received, 0);
      return verdict;
    },
    after() {
      for (const frame of honest) receiver(ends).open(frame);
      assert.equal(receiver(ends).received, honest.length);
    },
  };
}

function hostileContents({ messages, receiver, raw }: Way) {
  const ends = sessionEnds();
  const valid = encodedMessages(messages(ends), 8);
  return {
    inputs: hostileMessages(messages(ends)),
    take(hostile: Hostile) {
      const end = receiver(ends);
      const before = end.received;
      const sequence = sequenceOf(hostile, before + 1);
      const { outer, inner, body } = hostile;
      let message: unknown;
      const verdict = verdictOf(() => (message = end.open(raw(ends)({ outer, inner, sequence, body }))));
      const next = sequence === BigInt(before) + 1n;
      if (verdict === 'taken') {
        assert.ok(next);
        checkIsWhatWasSealed(message, body);
      }
      // The window takes in what is authentic and new, also where its body is refused then; and nothing else.
      const isAuthentic = verdict === 'taken' || /^(payload|command)\./.test(verdict);
      assert.equal(end.received, isAuthentic && next ? before + 1 : before);
      const [kind, good] = valid[before % valid.length]!;
      end.open(raw(ends)({ outer: kind, inner: kind, sequence: BigInt(end.received) + 1n, body: good }));
      return verdict;
    },
  };
}

function checkIsWhatWasSealed(message: unknown, body: Uint8Array): void {
  assert.ok(typeof message === 'object' && message !== null && 'body' in message);
  assert.deepEqual(Buffer.from(encode(message.body)), Buffer.from(body));
}

it('what a node sends is refused once its bytes were changed, and the session at the master is as it was', async () => {
  const outcomes = await fuzz('session up, bytes', () => changedBytes(up));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'seal.open', 'key.unknown']));
});

it('what the master sends is refused once its bytes were changed, and the session at the node is as it was', async () => {
  const outcomes = await fuzz('session down, bytes', () => changedBytes(down));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'seal.open', 'key.unknown']));
});

const met = ['taken', 'payload.encoding', 'payload.schema', 'payload.kind', 'sequence.limit'];

it('whatever a node seals is taken as it is or refused by the master, who goes on taking its messages', async () => {
  const outcomes = await fuzz('session up, contents', () => hostileContents(up));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(met));
});

it('whatever the master seals is taken as it is or refused by the node, who goes on taking its messages', async () => {
  const outcomes = await fuzz('session down, contents', () => hostileContents(down));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(met));
});
