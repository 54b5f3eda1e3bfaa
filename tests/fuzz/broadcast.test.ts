import assert from 'node:assert/strict';
import { encode } from '@sealcast/channel/cbor';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster, BroadcastReader, EpochKey } from '@sealcast/channel/epoch';
import { kinds } from '@sealcast/channel/frame';
import { everyone } from '@sealcast/channel/ids';
import { epochKeys } from '@sealcast/channel/keys';
import { signatureBytes, signParts } from '@sealcast/channel/signature';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../twin/cbor.ts';
import { commandTo, masterKeys } from '../unit/channel/parties.ts';
import { rawEnvelope, rawMetadata } from '../unit/channel/raw-envelope.ts';
import { command } from '../vectors/arbitraries.ts';
import { fuzz } from './fuzz.ts';
import { hostileBodies } from './hostile-cbor.ts';
import { carryOut, carryOutWithin, plans } from './mutation.ts';
import { master } from './parties.ts';
import { verdictOf } from './verdict.ts';

function members() {
  const key = systemEntropy.bytes(32);
  const broadcaster = new Broadcaster(masterKeys, systemEntropy);
  broadcaster.begin(1, key);
  const reader = new BroadcastReader(masterKeys.signingPublic);
  reader.set(1, key, 0);
  return { key, broadcaster, reader, epoch: new EpochKey(1, key) };
}

it('a BROADCAST or topic whose bytes were changed is refused, and its number can still be taken', async () => {
  const outcomes = await fuzz('BROADCAST, bytes', () => {
    const { broadcaster, reader } = members();
    const sent = [1, 2, 3].map((number) => broadcaster.seal(number, commandTo(everyone, 'x'.repeat(number * 40))));
    const strange = members().broadcaster.seal(9, commandTo(everyone));
    const frames = [...sent, strange].map(({ frame }) => frame);
    return {
      inputs: fc.record({ plan: plans, topic: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, plans) }),
      take({ plan, topic }) {
        const under = sent[0]!.topic;
        const frame = topic ? Buffer.from(sent[0]!.frame) : carryOut(plan, frames);
        const changedTopic = topic ? carryOut(topic, [under]) : Buffer.from(under);
        if (changedTopic.equals(under) && frames.some((one) => frame.equals(one))) return 'as it was';
        const verdict = verdictOf(() => reader.open(changedTopic, frame, 0));
        assert.notEqual(verdict, 'taken');
        assert.equal(reader.head, 0);
        return verdict;
      },
      after() {
        for (const { topic, frame } of sent) reader.open(topic, frame, 0);
        assert.equal(reader.head, 3);
      },
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'seal.open', 'key.unknown']));
});

const forgeries = fc.record({
  body: hostileBodies(command.map((one) => ({ ...one, target: everyone })) as fc.Arbitrary<Value>),
  signed: fc.nat(2).map((digit) => digit > 0),
  plan: plans,
  inner: fc.oneof({ weight: 8, arbitrary: fc.constant(kinds.broadcast as number) }, fc.nat(255)),
  short: fc.nat(15).map((digit) => digit === 0),
});

it('what a member forges uses no number up, and of what the master signs only commands to everyone are taken', async () => {
  const outcomes = await fuzz('BROADCAST, contents', () => {
    const { key, reader, epoch } = members();
    let next = 1;
    const { broadcast: derived } = epochKeys(key);
    const seal = (metadata: Buffer, inner: number, body: Uint8Array) =>
      rawEnvelope(
        {
          key: derived,
          keyId: epoch.keyId,
          outer: kinds.broadcast,
          inner,
          sequence: BigInt(next),
          body,
          direction: 3,
          sender: master,
          target: everyone,
          epoch: 1n,
        },
        metadata,
      );
    const signedOver = (metadata: Buffer, body: Uint8Array) =>
      Buffer.concat([signParts(masterKeys.signingPrivate, 'broadcast', metadata, epoch.number(), body), body]);
    return {
      inputs: forgeries,
      take({ body, signed, plan, inner, short }) {
        const metadata = rawMetadata(kinds.broadcast, epoch.keyId, BigInt(next));
        const whole = signedOver(metadata, body);
        const forged = Buffer.concat([carryOutWithin(plan, [whole.subarray(0, signatureBytes)]), body]);
        const isSigned = signed || forged.equals(whole);
        const sealed = isSigned ? whole : short ? forged.subarray(0, plan.of) : forged;
        const before = reader.head;
        const verdict = verdictOf(() => reader.open(epoch.topic, seal(metadata, inner, sealed), 0));
        // Of a body that makes the frame too long nothing is looked at.
        const counted = isSigned && inner === kinds.broadcast && verdict !== 'frame.length';
        assert.equal(reader.head, counted ? next : before);
        if (!counted) assert.ok(['payload.kind', 'signature.broadcast', 'frame.length'].includes(verdict), verdict);
        if (counted) next++;
        const good = rawMetadata(kinds.broadcast, epoch.keyId, BigInt(next));
        const opened = reader.open(
          epoch.topic,
          seal(good, kinds.broadcast, signedOver(good, encode(commandTo(everyone)))),
          0,
        );
        assert.equal(opened.number, next);
        next++;
        return verdict;
      },
    };
  });
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining(['taken', 'signature.broadcast', 'payload.kind', 'payload.schema', 'payload.encoding']),
  );
});
