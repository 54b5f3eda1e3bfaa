import { describe, expect, it } from 'vitest';
import { toHex, zero } from '../twin/bytes.ts';
import { helloKeys, masterFingerprint, prk0, transcript1 } from '../twin/key-schedule.ts';
import { openRefusal } from '../twin/offer.ts';
import type { Body } from '../twin/schemas.ts';
import { channel } from './channel-subject.ts';
import { allMet, bodyOf, meetAll, valueOf } from './judge.ts';
import { hopOf, masterDraws, masterOf, mechanismOf, nodeDraws, nodeOf, rosterOf } from './parties.ts';
import { Vector } from './read-vectors.ts';
import { type MasterSubject, type NodeSubject, type Subject, verdictOf } from './subject.ts';
import { twin } from './twin-subject.ts';

const files = Object.fromEntries(
  ['hello', 'offer', 'confirm', 'welcome', 'refusal', 'report'].map((name) => [name, Vector.file(name)]),
);

function file(name: string): Vector {
  return files[name] ?? Vector.file(name);
}

function accepted(name: string): Vector {
  const [first] = file(name).list('accepted');
  if (!first) throw new Error(`${name}: nothing accepted`);
  return first;
}

const confirmNonce = accepted('confirm').bytes('nonce');
const welcomeNonce = accepted('welcome').bytes('nonce');
const welcomeBody = valueOf(accepted('welcome').at('body')) as Body;

/** A master that draws what confirm.json says, and has the mechanism of `vector`. */
function freshMaster(subject: Subject, vector = file('confirm').inner('given')): MasterSubject {
  const given = file('confirm').inner('given');
  const master = { ...masterOf(given), mechanism: mechanismOf(vector) };
  return subject.master(master, rosterOf(given), masterDraws(given.inner('masterDraws'), welcomeNonce));
}

/** The first accepted one of the same mechanism. */
function acceptedLike(name: string, vector: Vector): Vector {
  const found = file(name)
    .list('accepted')
    .find((one) => mechanismOf(one) === mechanismOf(vector));
  return found ?? accepted(name);
}

/** A master to which the HELLO of a CONFIRM has come. */
function masterBefore(subject: Subject, confirm: Vector): MasterSubject {
  const master = freshMaster(subject, confirm);
  master.hello(acceptedLike('confirm', confirm).bytes('hello'));
  return master;
}

/** A node that draws what every file of the join says. */
function freshNode(subject: Subject, name: string): NodeSubject {
  const given = file(name).inner('given');
  const pinned = {
    rsaPublicKeySpki: given.bytes('rsaPublicKeySpki'),
    signingPublicKey: given.bytes('signingPublicKey'),
  };
  return subject.node(nodeOf(given.inner('node'), pinned), nodeDraws(given.inner('node'), confirmNonce));
}

describe.each([channel, twin])('the $name', (subject) => {
  it('takes every accepted HELLO, and says what it is answered under', () => {
    const outcome = meetAll('hello', 'accepted', (vector) => {
      const master = freshMaster(subject, vector);
      const reply = master.hello(vector.bytes('frame'));
      expect(reply.refused).toBeUndefined();
      expect(toHex(reply.topic)).toBe(vector.at('joinTopic'));
      expect(master.pending).toBe(1);
      expect(master.hello(vector.bytes('frame'))).toEqual(reply);
      expect(master.pending).toBe(1);
    });
    expect(outcome).toEqual(allMet('hello', 'accepted'));
  });

  it('makes every accepted HELLO of a node that speaks version 1', () => {
    const ofVersion1 = file('hello')
      .list('accepted')
      .filter((vector) => vector.number('nodeVersion') === 1);
    expect(ofVersion1).toHaveLength(7);
    const { older, ...newest } = masterOf(file('hello').inner('given'));
    for (const vector of ofVersion1) {
      const { rsaPublicKeySpki } = vector.is('olderKey') && older ? older : newest;
      const node = subject.node(nodeOf(vector, { ...newest, rsaPublicKeySpki }), nodeDraws(vector, confirmNonce));
      expect(toHex(node.hello)).toBe(vector.at('frame'));
      expect(toHex(node.topic)).toBe(vector.at('joinTopic'));
    }
  });

  it('answers a HELLO under an older RSA key, and a WELCOME then has the newest', () => {
    const given = file('hello').inner('given');
    const underOlder = file('hello')
      .list('accepted')
      .filter((vector) => vector.is('olderKey'));
    expect(underOlder).toHaveLength(1);
    for (const vector of underOlder) {
      const pinned = {
        rsaPublicKeySpki: given.bytes('olderRsaPublicKeySpki'),
        signingPublicKey: given.bytes('signingPublicKey'),
      };
      const node = subject.node(nodeOf(vector, pinned), nodeDraws(vector, confirmNonce));
      const master = freshMaster(subject);
      const confirming = node.receive(master.hello(vector.bytes('frame')).frame);
      if (confirming.type !== 'offer') throw new Error(`expected an offer, got ${confirming.type}`);
      const step = node.receive(master.confirm(confirming.confirm, welcomeBody).frame);
      const told = { ...welcomeBody, rsa: given.bytes('rsaPublicKeySpki') };
      expect(step.type === 'welcome' && bodyOf(step.welcome)).toEqual(bodyOf(told));
    }
  });

  it('refuses every refused HELLO, answers from step 4 on, and has changed nothing', () => {
    const given = file('hello').inner('given');
    const K0 = accepted('hello').bytes('K0');
    const outcome = meetAll('hello', 'refused', (vector) => {
      const master = freshMaster(subject, vector);
      const frame = vector.bytes('frame');
      const [topic, code] = vector.is('answered')
        ? answerTo(master, given, K0, frame)
        : ['', verdictOf(subject, () => master.hello(frame))];
      expect(code).toBe(vector.at('error'));
      expect(topic).toBe(vector.json['joinTopic'] ?? '');
      expect(master.pending).toBe(0);
      expect(master.hello(acceptedLike('hello', vector).bytes('frame')).refused).toBeUndefined();
    });
    expect(outcome).toEqual(allMet('hello', 'refused'));
  });

  it('makes the accepted OFFER, and takes it', () => {
    const outcome = meetAll('offer', 'accepted', (vector) => {
      const reply = freshMaster(subject).hello(file('offer').inner('given').bytes('hello'));
      expect(toHex(reply.frame)).toBe(vector.at('frame'));
      const node = freshNode(subject, 'offer');
      expect(toHex(node.hello)).toBe(file('offer').inner('given').at('hello'));
      const step = node.receive(vector.bytes('frame'));
      expect(step.type === 'offer' && toHex(step.confirm)).toBe(accepted('confirm').at('frame'));
      expect(node.receive(vector.bytes('frame'))).toEqual(step);
    });
    expect(outcome).toEqual(allMet('offer', 'accepted'));
  });

  it('refuses every refused OFFER, and still takes the accepted one', () => {
    const outcome = meetAll('offer', 'refused', (vector) => {
      const node = freshNode(subject, 'offer');
      for (const before of vector.byteStrings('after')) node.receive(before);
      expect(verdictOf(subject, () => node.receive(vector.bytes('frame')))).toBe(vector.at('error'));
      const step = node.receive(accepted('offer').bytes('frame'));
      expect(step.type === 'offer' && toHex(step.confirm)).toBe(accepted('confirm').at('frame'));
    });
    expect(outcome).toEqual(allMet('offer', 'refused'));
  });

  it('takes every accepted CONFIRM, answers with WELCOME, and once', () => {
    const given = file('confirm').inner('given');
    const outcome = meetAll('confirm', 'accepted', (vector) => {
      const master = freshMaster(subject, vector);
      expect(toHex(master.hello(vector.bytes('hello')).frame)).toBe(vector.at('offer'));
      const reply = master.confirm(vector.bytes('frame'), welcomeBody);
      expect(toHex(reply.topic)).toBe(given.at('joinTopic'));
      expect(master.pending).toBe(0);
      expect(reply.session).toBeDefined();
      const again = master.confirm(vector.bytes('frame'), { ...welcomeBody, head: 99 });
      expect(toHex(again.frame)).toBe(toHex(reply.frame));
      expect(again.session).toBeUndefined();
    });
    expect(outcome).toEqual(allMet('confirm', 'accepted'));
  });

  it('makes every accepted CONFIRM', () => {
    const given = file('confirm').inner('given');
    const outcome = meetAll('confirm', 'accepted', (vector) => {
      const secrets = { ...nodeOf(given.inner('node'), masterOf(given)), ...hopOf(vector) };
      const node = subject.node(secrets, nodeDraws(given.inner('node'), confirmNonce));
      expect(toHex(node.hello)).toBe(vector.at('hello'));
      const step = node.receive(vector.bytes('offer'));
      expect(step.type === 'offer' && toHex(step.confirm)).toBe(vector.at('frame'));
    });
    expect(outcome).toEqual(allMet('confirm', 'accepted'));
  });

  it('answers the first accepted CONFIRM with the accepted WELCOME, and the session is that of the vectors', () => {
    const vector = accepted('confirm');
    const reply = masterBefore(subject, vector).confirm(vector.bytes('frame'), welcomeBody);
    expect(toHex(reply.frame)).toBe(accepted('welcome').at('frame'));
    expect(toHex(reply.session?.topic ?? zero(0))).toBe(accepted('welcome').at('topic'));
    const report = accepted('report');
    expect(bodyOf(reply.session?.open(report.bytes('frame')).body)).toEqual(report.at('body'));
  });

  it('refuses every refused CONFIRM, and leaves the join as it was where it says nothing', () => {
    const given = file('confirm').inner('given');
    const outcome = meetAll('confirm', 'refused', (vector) => {
      const master = masterBefore(subject, vector);
      if (vector.is('answered')) return expectRefusal(subject, master, given, vector);
      const before = vector.byteStrings('after');
      for (const frame of before) master.confirm(frame, welcomeBody);
      const { pending } = master;
      expect(verdictOf(subject, () => master.confirm(vector.bytes('frame'), welcomeBody))).toBe(vector.at('error'));
      expect(master.pending).toBe(pending);
      const reply = master.confirm(accepted('confirm').bytes('frame'), welcomeBody);
      expect(toHex(reply.frame)).toBe(accepted('welcome').at('frame'));
      expect(reply.session === undefined).toBe(before.length > 0);
    });
    expect(outcome).toEqual(allMet('confirm', 'refused'));
  });

  it('answers a CONFIRM with REFUSAL where the invite was spent since HELLO', () => {
    const given = file('confirm').inner('given');
    const roster = rosterOf(given);
    const draws = masterDraws(given.inner('masterDraws'), welcomeNonce);
    const master = subject.master(masterOf(given), roster, draws);
    master.hello(given.bytes('hello'));
    for (const invite of roster.invites) invite.state = 'spent';
    const reply = master.confirm(accepted('confirm').bytes('frame'), welcomeBody);
    expect(reply.refused).toBe('join.invite-spent');
    expect(reply.session).toBeUndefined();
    expect(freshNodeAfterOffer(subject, 'welcome').receive(reply.frame)).toEqual({ type: 'refused' });
  });

  it('takes the accepted WELCOME, and its session is that of the vectors', () => {
    const outcome = meetAll('welcome', 'accepted', (vector) => {
      const step = freshNodeAfterOffer(subject, 'welcome').receive(vector.bytes('frame'));
      if (step.type !== 'welcome') throw new Error(`expected a welcome, got ${step.type}`);
      expect(bodyOf(step.welcome)).toEqual(vector.at('body'));
      expect(toHex(step.session.topic)).toBe(vector.at('topic'));
      const ack = Vector.file('ack').list('accepted')[0];
      expect(bodyOf(step.session.open(ack?.bytes('frame') ?? zero(0)).body)).toEqual(ack?.at('body'));
    });
    expect(outcome).toEqual(allMet('welcome', 'accepted'));
  });

  it('refuses every refused WELCOME, and still takes the accepted one', () => {
    const outcome = meetAll('welcome', 'refused', (vector) => {
      const node = freshNodeAfterOffer(subject, 'welcome');
      expect(verdictOf(subject, () => node.receive(vector.bytes('frame')))).toBe(vector.at('error'));
      expect(node.receive(accepted('welcome').bytes('frame')).type).toBe('welcome');
    });
    expect(outcome).toEqual(allMet('welcome', 'refused'));
  });

  it('makes the accepted REFUSAL, and takes it', () => {
    const given = file('confirm').inner('given');
    const outcome = meetAll('refusal', 'accepted', (vector) => {
      const nonce = vector.bytes('nonce');
      const draws = { ...masterDraws(given.inner('masterDraws'), nonce), offerNonce: nonce };
      const nobody = { nodes: [], invites: [] };
      const reply = subject.master(masterOf(given), nobody, draws).hello(given.bytes('hello'));
      expect(reply.refused).toBe('join.invite');
      expect(toHex(reply.frame)).toBe(vector.at('frame'));
      expect(freshNode(subject, 'refusal').receive(reply.frame)).toEqual({ type: 'refused' });
    });
    expect(outcome).toEqual(allMet('refusal', 'accepted'));
  });

  it('refuses every refused REFUSAL, and goes on waiting', () => {
    const outcome = meetAll('refusal', 'refused', (vector) => {
      const node = freshNode(subject, 'refusal');
      expect(verdictOf(subject, () => node.receive(vector.bytes('frame')))).toBe(vector.at('error'));
      expect(node.receive(accepted('offer').bytes('frame')).type).toBe('offer');
    });
    expect(outcome).toEqual(allMet('refusal', 'refused'));
  });
});

function freshNodeAfterOffer(subject: Subject, name: string): NodeSubject {
  const node = freshNode(subject, name);
  node.receive(accepted('offer').bytes('frame'));
  return node;
}

/** Who has not proven its hop key is answered, has joined nothing, and has had its one try. */
function expectRefusal(subject: Subject, master: MasterSubject, given: Vector, confirm: Vector): void {
  const reply = master.confirm(confirm.bytes('frame'), welcomeBody);
  expect([reply.refused, reply.session]).toEqual([confirm.at('error'), undefined]);
  expect(toHex(reply.topic)).toBe(confirm.at('joinTopic'));
  expectOpens(given, given.inner('node').bytes('K0'), acceptedLike('confirm', confirm).bytes('hello'), reply.frame);
  expect(master.pending).toBe(0);
  expect(master.confirm(confirm.bytes('frame'), welcomeBody).frame).toEqual(reply.frame);
  const late = acceptedLike('confirm', confirm).bytes('frame');
  expect(verdictOf(subject, () => master.confirm(late, welcomeBody))).toBe('sequence.replayed');
}

/** Whoever sent that HELLO can open the REFUSAL. */
function expectOpens(given: Vector, K0: Uint8Array, hello: Uint8Array, refusal: Uint8Array): void {
  const signing = given.bytes('signingPublicKey');
  const fingerprint = masterFingerprint(signing);
  const h1 = transcript1(fingerprint, given.bytes('rsaPublicKeySpki'), hello);
  openRefusal(signing, helloKeys(prk0(fingerprint, K0)).refusal, h1, Uint8Array.from(refusal));
}

/** @returns where the REFUSAL goes, and the code that is counted; whoever sent the HELLO can open that REFUSAL */
function answerTo(master: MasterSubject, given: Vector, K0: Uint8Array, hello: Uint8Array): (string | undefined)[] {
  const { topic, frame, refused } = master.hello(hello);
  expectOpens(given, K0, hello, frame);
  return [toHex(topic), refused];
}
