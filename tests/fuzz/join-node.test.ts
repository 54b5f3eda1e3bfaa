import assert from 'node:assert/strict';
import { encode } from '@sealcast/channel/cbor';
import { systemEntropy } from '@sealcast/channel/entropy';
import { kinds } from '@sealcast/channel/frame';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Value } from '../twin/cbor.ts';
import { newDoor, offered } from '../unit/channel/parties.ts';
import { welcome } from '../vectors/arbitraries.ts';
import { fuzz } from './fuzz.ts';
import { hostileBodies } from './hostile-cbor.ts';
import { carryOut, carryOutWithin, type Plan, plans } from './mutation.ts';
import {
  joinEnvelope,
  type Offered,
  offerTo,
  offerWith,
  type OpenJoin,
  openJoin,
  refusalOfJoin,
  refusalWith,
} from './parties.ts';
import { verdictOf } from './verdict.ts';

/** A join that has taken its OFFER. */
function confirming(): { join: OpenJoin; offer: Offered } {
  const join = openJoin(systemEntropy.bytes(16));
  const offer = offerTo(join);
  offered(join.node, offer.frame);
  return { join, offer };
}

function welcomeFrame(
  join: OpenJoin,
  { keys, keyId }: Offered,
  body: Uint8Array,
  outer: number,
  inner: number,
  sequence: bigint,
) {
  return joinEnvelope(join, { key: keys.wrap, keyId, up: false }, { outer, inner, sequence, body });
}

it('frames whose bytes were changed leave a join as it was, before its OFFER and after', async () => {
  const outcomes = await fuzz('join frames at the node, bytes', () => {
    const door = newDoor();
    const waiting = openJoin(door.book.invite());
    const accepted = openJoin(door.book.invite());
    const offer = door.joins.hello(accepted.node.hello, 0).frame;
    const { frame: welcomed } = door.joins.confirm(offered(accepted.node, offer), 0, door.book.enrol);
    const waitingOffer = door.joins.hello(waiting.node.hello, 0).frame;
    const honest = [
      waitingOffer,
      offer,
      welcomed,
      refusalOfJoin(waiting).frame,
      refusalOfJoin(accepted).frame,
      waiting.node.hello,
    ];
    return {
      inputs: fc.record({ plan: plans, early: fc.boolean() }),
      take({ plan, early }) {
        const frame = carryOut(plan, honest);
        if (honest.some((one) => frame.equals(one))) return 'as it was';
        const verdict = verdictOf(() => (early ? waiting : accepted).node.receive(frame));
        assert.notEqual(verdict, 'taken');
        return verdict;
      },
      after() {
        offered(waiting.node, waitingOffer);
        assert.equal(accepted.node.receive(welcomed).type, 'welcome');
      },
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'seal.open', 'key.unknown']));
});

const signedContents = fc.record({
  plan: plans,
  kind: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, fc.nat(255)),
});

function contentsOf({ plan, kind }: { plan: Plan; kind: number | undefined }, honest: Uint8Array): Buffer {
  const plaintext = carryOutWithin(plan, [honest]);
  if (kind !== undefined) plaintext[0] = kind;
  return plaintext;
}

it('an OFFER of any contents under the right seal is refused where the master did not sign it', async () => {
  const outcomes = await fuzz('OFFER at the node, contents', () => {
    const join = openJoin(systemEntropy.bytes(16));
    const honest = offerTo(join);
    return {
      inputs: signedContents,
      take(contents) {
        const plaintext = contentsOf(contents, honest.plaintext);
        if (plaintext.equals(honest.plaintext)) return 'as it was';
        const verdict = verdictOf(() => join.node.receive(offerWith(honest, plaintext)));
        assert.notEqual(verdict, 'taken');
        return verdict;
      },
      after: () => void offered(join.node, honest.frame),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['payload.kind', 'signature.offer']));
});

it('a REFUSAL of any contents under the right seal is refused where the master did not sign it', async () => {
  const outcomes = await fuzz('REFUSAL at the node, contents', () => {
    const join = openJoin(systemEntropy.bytes(16));
    const honest = refusalOfJoin(join);
    return {
      inputs: signedContents,
      take(contents) {
        const plaintext = contentsOf(contents, honest.plaintext);
        if (plaintext.equals(honest.plaintext)) return 'as it was';
        const verdict = verdictOf(() => join.node.receive(refusalWith(join, plaintext)));
        assert.notEqual(verdict, 'taken');
        return verdict;
      },
      after: () => assert.equal(join.node.receive(honest.frame).type, 'refused'),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['payload.kind', 'signature.refusal']));
});

const welcomes = fc.record({
  body: hostileBodies(welcome as fc.Arbitrary<Value>),
  outer: fc.oneof({ weight: 8, arbitrary: fc.constant(kinds.welcome as number) }, fc.nat(255)),
  inner: fc.oneof({ weight: 8, arbitrary: fc.constant(kinds.welcome as number) }, fc.nat(255)),
  sequence: fc.constantFrom(1n, 1n, 1n, 1n, 1n, 1n, 0n, 2n, 2n ** 63n),
});

it('a WELCOME of any contents under the right seal is a session of which all is in its limits, or is refused', async () => {
  const outcomes = await fuzz('WELCOME at the node, contents', () => {
    let { join, offer } = confirming();
    return {
      inputs: welcomes,
      take({ body, outer, inner, sequence }) {
        let step: ReturnType<typeof join.node.receive> | undefined;
        const frame = welcomeFrame(join, offer, body, outer, inner, sequence);
        const verdict = verdictOf(() => (step = join.node.receive(frame)));
        if (step === undefined) return verdict;
        assert.equal(step.type, 'welcome');
        if (step.type === 'welcome') assert.ok(step.welcome.interval >= 1 && step.welcome.interval <= 3600);
        ({ join, offer } = confirming());
        return verdict;
      },
      after() {
        const [body] = fc.sample(welcome, 1);
        const frame = welcomeFrame(join, offer, encode(body), kinds.welcome, kinds.welcome, 1n);
        assert.equal(join.node.receive(frame).type, 'welcome');
      },
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'payload.encoding', 'payload.schema']));
});
