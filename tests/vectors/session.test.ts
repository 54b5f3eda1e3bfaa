import { describe, expect, it } from 'vitest';
import { toHex, zero } from '../twin/bytes.ts';
import { downKinds, upKinds } from '../twin/session.ts';
import type { Body } from '../twin/schemas.ts';
import { channel } from './channel-subject.ts';
import { allMet, bodyOf, meetAll, valueOf } from './judge.ts';
import { masterOf, sessionOf } from './parties.ts';
import { Vector } from './read-vectors.ts';
import { type ReaderSubject, verdictOf } from './subject.ts';
import { twin } from './twin-subject.ts';

const kinds = [...upKinds.map((kind) => ({ kind, up: true })), ...downKinds.map((kind) => ({ kind, up: false }))];

describe.each([channel, twin])('the $name', (subject) => {
  describe.each(kinds)('of $kind', ({ kind, up }) => {
    const name = kind.toLowerCase();
    const file = Vector.file(name);
    const secrets = sessionOf(file.inner('given'), zero(16));
    const receiver = () => subject.session(up ? 'master' : 'node', secrets, []);

    it('opens every accepted vector', () => {
      const session = receiver();
      const outcome = meetAll(name, 'accepted', (vector) => {
        const opened = session.open(vector.bytes('frame'));
        expect(opened.kind).toBe(kind);
        expect(bodyOf(opened.body)).toEqual(vector.at('body'));
      });
      expect(outcome).toEqual(allMet(name, 'accepted'));
    });

    it('seals every accepted vector to the same bytes', () => {
      const vectors = file.list('accepted');
      const session = subject.session(
        up ? 'node' : 'master',
        secrets,
        vectors.map((vector) => vector.bytes('nonce')),
      );
      const outcome = meetAll(name, 'accepted', (vector) => {
        expect(toHex(session.seal(kind, valueOf(vector.at('body')) as Body))).toBe(vector.at('frame'));
      });
      expect(outcome).toEqual(allMet(name, 'accepted'));
    });

    it('refuses every refused vector, and its window has moved only where the vector says so', () => {
      const sound = file.bytes('sound');
      const outcome = meetAll(name, 'refused', (vector) => {
        const session = receiver();
        const before = vector.byteStrings('after');
        for (const frame of before) session.open(frame);
        expect(verdictOf(subject, () => session.open(vector.bytes('frame')))).toBe(vector.at('error'));
        if (before.length > 0) return;
        const next = vector.is('takesSequence') ? 'sequence.replayed' : 'taken';
        expect(verdictOf(subject, () => session.open(sound))).toBe(next);
      });
      expect(outcome).toEqual(allMet(name, 'refused'));
    });
  });

  describe('of OTHER', () => {
    const file = Vector.file('other');
    const secrets = sessionOf(file.inner('given'), zero(16));
    const receiverOf = (vector: Vector, other?: boolean) =>
      subject.session(vector.text('direction') === 'up' ? 'master' : 'node', secrets, [], other);

    it('opens every accepted vector where it is asked to, and nowhere else', () => {
      const outcome = meetAll('other', 'accepted', (vector) => {
        const opened = receiverOf(vector, true).open(vector.bytes('frame'));
        expect(opened.kind).toBe('OTHER');
        expect(opened.body instanceof Uint8Array && toHex(opened.body)).toBe(vector.at('body'));
        expect(verdictOf(subject, () => receiverOf(vector).open(vector.bytes('frame')))).toBe('frame.kind');
      });
      expect(outcome).toEqual(allMet('other', 'accepted'));
    });

    it('seals every accepted vector to the same bytes', () => {
      const directions = ['up', 'down'].map((direction) => {
        const vectors = file.list('accepted').filter((vector) => vector.text('direction') === direction);
        const nonces = vectors.map((vector) => vector.bytes('nonce'));
        return [direction, subject.session(direction === 'up' ? 'node' : 'master', secrets, nonces, true)] as const;
      });
      const sessions = new Map(directions);
      const outcome = meetAll('other', 'accepted', (vector) => {
        const session = sessions.get(vector.text('direction'));
        expect(toHex(session?.seal('OTHER', vector.bytes('body')) ?? zero(0))).toBe(vector.at('frame'));
      });
      expect(outcome).toEqual(allMet('other', 'accepted'));
    });

    it('refuses every refused vector', () => {
      const outcome = meetAll('other', 'refused', (vector) => {
        const session = receiverOf(vector, true);
        for (const frame of vector.byteStrings('after')) session.open(frame);
        expect(verdictOf(subject, () => session.open(vector.bytes('frame')))).toBe(vector.at('error'));
      });
      expect(outcome).toEqual(allMet('other', 'refused'));
    });
  });

  it('gives every verdict of the series of allowances', () => {
    const outcome = meetAll('allowance', 'series', (series) => {
      const steps = series.list('steps');
      const allows = subject.allowance(steps[0]?.number('nowMs') ?? 0);
      const verdicts = steps.map((step) => {
        const times = Array.from({ length: step.number('times') }, () => allows(step.number('nowMs')));
        return [...new Set(times)].map((allowed) => (allowed ? 'taken' : 'rate.exceeded')).join(', ');
      });
      expect(verdicts).toEqual(steps.map((step) => step.text('verdict')));
    });
    expect(outcome).toEqual(allMet('allowance', 'series'));
  });

  it('makes and takes every accepted change of an identity', () => {
    const given = Vector.file('rotation').inner('given');
    const [print, node] = [given.bytes('masterFingerprint'), partyOf(given)];
    const outcome = meetAll('rotation', 'accepted', (vector) => {
      expect(subject.checkRotate(print, node, rotateOf(vector))).toBe(vector.is('isNew'));
      if (!vector.has('oldSeed')) return;
      const made = subject.makeRotate(print, node.nodeId, vector.bytes('oldSeed'), vector.bytes('newSeed'));
      expect(bodyOf(made)).toEqual(bodyOf(rotateOf(vector)));
    });
    expect(outcome).toEqual(allMet('rotation', 'accepted'));
  });

  it('refuses every refused change of an identity', () => {
    const given = Vector.file('rotation').inner('given');
    const outcome = meetAll('rotation', 'refused', (vector) => {
      const check = () => subject.checkRotate(given.bytes('masterFingerprint'), partyOf(given), rotateOf(vector));
      expect(verdictOf(subject, check)).toBe(vector.at('error'));
    });
    expect(outcome).toEqual(allMet('rotation', 'refused'));
  });

  describe('of BROADCAST', () => {
    const file = Vector.file('broadcast');
    const given = file.inner('given');
    const topic = given.bytes('epochTopic');
    const receiver = (): ReaderSubject => {
      const reader = subject.reader(given.bytes('signingPublicKey'));
      reader.set(given.number('epoch'), given.bytes('epochKey'), given.number('head'));
      return reader;
    };

    it('opens every accepted vector', () => {
      const reader = receiver();
      const outcome = meetAll('broadcast', 'accepted', (vector) => {
        const { number, command } = reader.open(topic, vector.bytes('frame'), 0);
        expect(number).toBe(vector.number('sequence'));
        expect(bodyOf(command)).toEqual(vector.at('body'));
      });
      expect(outcome).toEqual(allMet('broadcast', 'accepted'));
    });

    it('seals every accepted vector to the same bytes', () => {
      const vectors = file.list('accepted');
      const epoch = { epoch: given.number('epoch'), key: given.bytes('epochKey') };
      const master = masterOf(Vector.file('hello').inner('given'));
      const seal = subject.broadcasts(
        master,
        epoch,
        vectors.map((vector) => vector.bytes('nonce')),
      );
      const outcome = meetAll('broadcast', 'accepted', (vector) => {
        const sealed = seal(vector.number('sequence'), valueOf(vector.at('body')) as Body);
        expect(toHex(sealed.frame)).toBe(vector.at('frame'));
        expect(toHex(sealed.topic)).toBe(toHex(topic));
      });
      expect(outcome).toEqual(allMet('broadcast', 'accepted'));
    });

    it('refuses every refused vector, and its window has moved only where the vector says so', () => {
      const sound = file.bytes('sound');
      const outcome = meetAll('broadcast', 'refused', (vector) => {
        const reader = receiver();
        const before = vector.byteStrings('after');
        for (const frame of before) reader.open(topic, frame, 0);
        expect(verdictOf(subject, () => reader.open(topic, vector.bytes('frame'), 0))).toBe(vector.at('error'));
        if (before.length > 0) return;
        const next = vector.is('takesSequence') ? 'sequence.replayed' : 'taken';
        expect(verdictOf(subject, () => reader.open(topic, sound, 0))).toBe(next);
      });
      expect(outcome).toEqual(allMet('broadcast', 'refused'));
    });
  });

  it('gives every verdict of the series of epochs', () => {
    const file = Vector.file('epochs');
    const outcome = meetAll('epochs', 'series', (series) => {
      const reader = subject.reader(file.inner('given').bytes('signingPublicKey'));
      const verdicts = series.list('steps').map((step) => verdictOf(subject, () => takeStep(reader, step)));
      expect(verdicts).toEqual(series.list('steps').map((step) => step.text('verdict')));
    });
    expect(outcome).toEqual(allMet('epochs', 'series'));
  });

  it('gives every verdict of the series of sequences', () => {
    const outcome = meetAll('replay', 'series', (series) => {
      const take = subject.replayWindow();
      const steps = series.list('steps');
      const verdicts = steps.map((step) => (take(step.number('sequence')) ? 'taken' : 'sequence.replayed'));
      expect(verdicts).toEqual(steps.map((step) => step.text('verdict')));
    });
    expect(outcome).toEqual(allMet('replay', 'series'));
  });
});

function partyOf(given: Vector): { nodeId: Uint8Array; identity: Uint8Array } {
  return { nodeId: given.bytes('nodeId'), identity: given.bytes('identity') };
}

function rotateOf(vector: Vector): Record<'identity' | 'old' | 'new', Uint8Array> {
  return { identity: vector.bytes('identity'), old: vector.bytes('old'), new: vector.bytes('new') };
}

function takeStep(reader: ReaderSubject, step: Vector): void {
  const nowMs = step.number('nowMs');
  if (step.has('frame')) {
    reader.open(step.bytes('topic'), step.bytes('frame'), nowMs);
    return;
  }
  const isWelcome = step.has('welcome');
  const told = step.inner(isWelcome ? 'welcome' : 'epoch');
  const [epoch, key, head] = [told.number('epoch'), told.bytes('key'), told.number('head')];
  if (isWelcome) reader.set(epoch, key, head);
  else reader.advance(epoch, key, head, nowMs);
}
