import { describe, expect, it } from 'vitest';
import { flip } from '../twin/bytes.ts';
import type { Body } from '../twin/schemas.ts';
import { downKinds, upKinds } from '../twin/session.ts';
import { channel } from './channel-subject.ts';
import { valueOf } from './judge.ts';
import { masterDraws, masterOf, nodeDraws, nodeOf, rosterOf, sessionOf } from './parties.ts';
import { Vector } from './read-vectors.ts';
import { verdictOf } from './subject.ts';

function accepted(name: string): Vector {
  const [first] = Vector.file(name).list('accepted');
  if (!first) throw new Error(`${name}: nothing accepted`);
  return first;
}

const given = Vector.file('confirm').inner('given');
const welcomeBody = valueOf(accepted('welcome').at('body')) as Body;

function freshMaster() {
  const draws = masterDraws(given.inner('masterDraws'), accepted('welcome').bytes('nonce'));
  return channel.master(masterOf(given), rosterOf(given), draws);
}

function freshNode() {
  const node = given.inner('node');
  return channel.node(nodeOf(node, masterOf(given)), nodeDraws(node, accepted('confirm').bytes('nonce')));
}

/** How many of the frame's bytes can be turned without its being refused. */
function survivors(frame: Uint8Array, take: (bent: Uint8Array) => string): { bytes: number; taken: number[] } {
  const places = [...frame.keys()];
  return { bytes: places.length, taken: places.filter((at) => take(flip(frame, at)) === 'taken') };
}

describe('with any one byte changed, the channel refuses', () => {
  it('HELLO, and the master has nothing pending for it', () => {
    const master = freshMaster();
    const take = (bent: Uint8Array) => verdictOf(channel, () => master.hello(bent));
    expect(survivors(accepted('hello').bytes('frame'), take)).toEqual({ bytes: 1714, taken: [] });
    expect(master.pending).toBe(0);
    expect(master.hello(accepted('hello').bytes('frame')).refused).toBeUndefined();
  });

  it('OFFER, and the node still takes the true one', () => {
    const node = freshNode();
    const take = (bent: Uint8Array) => verdictOf(channel, () => node.receive(bent));
    expect(survivors(accepted('offer').bytes('frame'), take)).toEqual({ bytes: 1225, taken: [] });
    expect(node.receive(accepted('offer').bytes('frame')).type).toBe('offer');
  });

  it('CONFIRM, and the master still takes the true one', () => {
    const master = freshMaster();
    master.hello(given.bytes('hello'));
    const take = (bent: Uint8Array) => verdictOf(channel, () => master.confirm(bent, welcomeBody));
    expect(survivors(accepted('confirm').bytes('frame'), take)).toEqual({ bytes: 113, taken: [] });
    expect(master.confirm(accepted('confirm').bytes('frame'), welcomeBody).session).toBeDefined();
  });

  it('WELCOME, and the node still takes the true one', () => {
    const node = freshNode();
    node.receive(accepted('offer').bytes('frame'));
    const frame = accepted('welcome').bytes('frame');
    const take = (bent: Uint8Array) => verdictOf(channel, () => node.receive(bent));
    expect(survivors(frame, take)).toEqual({ bytes: frame.length, taken: [] });
    expect(node.receive(frame).type).toBe('welcome');
  });

  it('REFUSAL, and the node goes on waiting', () => {
    const node = freshNode();
    const take = (bent: Uint8Array) => verdictOf(channel, () => node.receive(bent));
    expect(survivors(accepted('refusal').bytes('frame'), take)).toEqual({ bytes: 97, taken: [] });
    expect(node.receive(accepted('refusal').bytes('frame')).type).toBe('refused');
  });

  it.each([...upKinds, ...downKinds])('%s, and the session still takes the true one', (kind) => {
    const file = Vector.file(kind.toLowerCase());
    const end = upKinds.some((up) => up === kind) ? 'master' : 'node';
    const session = channel.session(end, sessionOf(file.inner('given'), new Uint8Array(16)), []);
    const frame = file.bytes('sound');
    const take = (bent: Uint8Array) => verdictOf(channel, () => session.open(bent));
    expect(survivors(frame, take)).toEqual({ bytes: frame.length, taken: [] });
    expect(session.open(frame).kind).toBe(kind);
  });

  it('BROADCAST, and the reader still takes the true one', () => {
    const file = Vector.file('broadcast');
    const epoch = file.inner('given');
    const reader = channel.reader(epoch.bytes('signingPublicKey'));
    reader.set(epoch.number('epoch'), epoch.bytes('epochKey'), 0);
    const frame = file.bytes('sound');
    const take = (bent: Uint8Array) => verdictOf(channel, () => reader.open(epoch.bytes('epochTopic'), bent, 0));
    expect(survivors(frame, take)).toEqual({ bytes: frame.length, taken: [] });
    expect(reader.open(epoch.bytes('epochTopic'), frame, 0).number).toBe(50);
  });
});
