import assert from 'node:assert/strict';
import { systemEntropy } from '@sealcast/channel/entropy';
import { helloBytes, kinds, offerBytes, refusalBytes } from '@sealcast/channel/frame';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { type Door, joinFully, newDoor, offered } from '../unit/channel/parties.ts';
import { fuzz } from './fuzz.ts';
import { carryOut, carryOutWithin, plans } from './mutation.ts';
import { helloWith, joinEnvelope, keysAfter, type OpenJoin, openJoin, sessionEnds, signedHello } from './parties.ts';
import { verdictOf } from './verdict.ts';

/** The frames of a join and some that come to the port without belonging there. */
function framesFor(door: Door): { join: OpenJoin; honest: Uint8Array[] } {
  const known = joinFully(door);
  const join = openJoin(door.book.invite());
  const again = openJoin(undefined, known.identity);
  const other = openJoin(systemEntropy.bytes(16));
  const offer = door.joins.hello(other.node.hello, 0);
  const up = sessionEnds().node.seal({ kind: 'leave', body: {} });
  return { join, honest: [join.node.hello, again.node.hello, offer.frame, up] };
}

/** What a refused frame must not change. */
function stateOf({ joins, book }: Door): string {
  return JSON.stringify([joins.pending, book.enrolled, book.spent.size]);
}

it('a HELLO whose bytes were changed is refused without an answer, and the honest one is still offered a session', async () => {
  const outcomes = await fuzz('HELLO at the master, bytes', () => {
    const door = newDoor();
    const { join, honest } = framesFor(door);
    return {
      inputs: plans,
      take(plan) {
        const frame = carryOut(plan, honest);
        if (honest.some((one) => frame.equals(one))) return 'as it was';
        const before = stateOf(door);
        const verdict = verdictOf(() => door.joins.receive(frame, 0, door.book.enrol));
        assert.notEqual(verdict, 'taken');
        assert.equal(stateOf(door), before);
        return verdict;
      },
      after() {
        offered(join.node, door.joins.hello(join.node.hello, 0).frame);
        joinFully(door);
      },
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'join.open']));
});

const lowOrder = ['00', '01', 'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f'].map((digits) =>
  Buffer.from(digits.padEnd(64, '0'), 'hex'),
);

const helloContents = fc.record({
  plan: fc.oneof(plans, fc.constant(undefined)),
  version: fc.oneof({ weight: 4, arbitrary: fc.constant(1) }, fc.nat(255)),
  x25519: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom(...lowOrder)),
  mlkem: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, fc.constantFrom(0, 255)),
  zeroId: fc.nat(9).map((digit) => digit === 0),
  signed: fc.nat(3).map((digit) => digit > 0),
});

it('a HELLO of any contents under the right seal is offered a session or refused, and nothing else changes', async () => {
  const outcomes = await fuzz('HELLO at the master, contents', () => {
    const door = newDoor();
    const known = joinFully(door);
    const joins = [
      openJoin(door.book.invite()),
      openJoin(undefined, known.identity),
      openJoin(systemEntropy.bytes(16)),
    ];
    return {
      inputs: helloContents,
      take({ plan, version, x25519, mlkem, zeroId, signed }) {
        const join = joins[(plan?.of ?? 0) % joins.length]!;
        const plaintext = plan
          ? carryOutWithin({ ...plan, of: 0 }, [join.plaintext, ...joins.map((one) => one.plaintext)])
          : Buffer.from(join.plaintext);
        plaintext[1] = version;
        const said = plainParts(join, plaintext);
        if (x25519) said.x25519.set(x25519);
        if (mlkem !== undefined) said.mlkem.fill(mlkem, 0, 40);
        if (zeroId) said.id.fill(0);
        const frame = helloWith(join, signed ? signedHello(join, plaintext) : plaintext);
        assert.equal(frame.length, helloBytes);
        const { enrolled } = door.book;
        const { pending } = door.joins;
        let replied: ReturnType<typeof door.joins.receive> | undefined;
        const verdict = verdictOf(() => (replied = door.joins.receive(frame, 0, door.book.enrol)));
        assert.equal(door.book.enrolled, enrolled);
        if (replied === undefined || replied.refused !== undefined) assert.equal(door.joins.pending, pending);
        if (replied === undefined) return verdict;
        assert.equal(replied.joined, undefined);
        assert.equal(replied.frame.length, replied.refused === undefined ? offerBytes : refusalBytes);
        return replied.refused ?? 'offered';
      },
      after: () => void joinFully(door),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['offered', 'signature.hello', 'join.key']));
});

/** The parts of another plaintext of the same layout, to write into. */
function plainParts({ said, plaintext }: OpenJoin, copy: Buffer) {
  const part = (of: Uint8Array) => {
    const start = of.byteOffset - plaintext.byteOffset;
    return copy.subarray(start, start + of.length);
  };
  return { id: part(said.id), x25519: part(said.x25519), mlkem: part(said.mlkem) };
}

it('a CONFIRM whose bytes were changed is refused without an answer, and the honest one still makes the session', async () => {
  const outcomes = await fuzz('CONFIRM at the master, bytes', () => {
    const door = newDoor();
    const { honest } = framesFor(door);
    const join = openJoin(door.book.invite());
    const confirm = offered(join.node, door.joins.hello(join.node.hello, 0).frame);
    const frames = [confirm, confirm, confirm, ...honest];
    return {
      inputs: plans,
      take(plan) {
        const frame = carryOut(plan, frames);
        if (frames.some((one) => frame.equals(one))) return 'as it was';
        const before = stateOf(door);
        const verdict = verdictOf(() => door.joins.receive(frame, 0, door.book.enrol));
        assert.notEqual(verdict, 'taken');
        assert.equal(stateOf(door), before);
        return verdict;
      },
      after: () => assert.ok(door.joins.receive(confirm, 0, door.book.enrol).joined),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'seal.open']));
});

const sequences = [0n, 1n, 1n, 1n, 1n, 1n, 2n, 2n ** 53n, 2n ** 64n - 1n];
const confirmContents = fc.record({
  outer: fc.oneof({ weight: 6, arbitrary: fc.constant(kinds.confirm as number) }, fc.nat(255)),
  inner: fc.oneof({ weight: 6, arbitrary: fc.constant(kinds.confirm as number) }, fc.nat(255)),
  sequence: fc.constantFrom(...sequences),
  plan: plans,
  fits: fc.nat(3).map((digit) => digit > 0),
  keepsTranscript: fc.nat(7).map((digit) => digit === 0),
});

/** A join that waits for its CONFIRM, and what that has to hold. */
function confirmable(door: Door) {
  const join = openJoin(door.book.invite());
  const offer = door.joins.hello(join.node.hello, 0).frame;
  const confirm = offered(join.node, offer);
  const { keys, h2, proof } = keysAfter(join, offer);
  return { join, confirm, keys, h2, honest: Buffer.concat([h2, proof]), keyId: confirm.slice(4, 12) };
}

it('a CONFIRM of any contents under the right seal is refused unless it names the transcript and proves the hop key', async () => {
  const outcomes = await fuzz('CONFIRM at the master, contents', () => {
    const door = newDoor();
    let waiting = confirmable(door);
    return {
      inputs: confirmContents,
      take({ outer, inner, sequence, plan, fits, keepsTranscript }) {
        const { join, keys, h2, honest, keyId } = waiting;
        const body = fits ? carryOutWithin(plan, [honest]) : carryOut(plan, [honest]);
        if (keepsTranscript) body.set(h2.subarray(0, body.length));
        if (body.equals(honest) && outer === kinds.confirm && inner === kinds.confirm && sequence === 1n)
          return 'as it was';
        const frame = joinEnvelope(join, { key: keys.confirm, keyId, up: true }, { outer, inner, sequence, body });
        const before = stateOf(door);
        let refused: string | undefined;
        const verdict = verdictOf(() => {
          ({ refused } = door.joins.receive(frame, 0, door.book.enrol));
        });
        // What is answered has had its one try.
        if (refused !== undefined) waiting = confirmable(door);
        assert.equal(verdict === 'taken', refused === 'join.key');
        assert.equal(stateOf(door), before);
        return refused ?? verdict;
      },
      after: () => assert.ok(door.joins.receive(waiting.confirm, 0, door.book.enrol).joined),
    };
  });
  expect(Object.keys(outcomes)).toEqual(
    expect.arrayContaining([
      'frame.kind',
      'frame.length',
      'sequence.limit',
      'payload.kind',
      'join.confirm',
      'join.key',
    ]),
  );
});
