// A group and its members without a wire: every frame goes from hand to hand, and the clock stands until a test moves it.
import { awayMs, epochMaxMs, overlapMs, sessionMaxMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { BroadcastReader } from '@sealcast/channel/epoch';
import { Group } from '@sealcast/channel/group';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import type { Command } from '@sealcast/channel/payloads';
import type { Message, Session, UpMessage } from '@sealcast/channel/session';
import { expect, test } from 'vitest';
import { hex, masterKeys, newNode, offered, pinned, refusalOf } from './parties.ts';

const start = 1_700_000_000_000;
const other = { other: true };

class Evening {
  nowMs = start;
  /** What happened, in words. */
  readonly told: string[] = [];
  /** By topic. */
  readonly published = new Map<string, Uint8Array[]>();
  readonly group = new Group({
    keys: masterKeys,
    entropy: systemEntropy,
    now: () => this.nowMs,
    outlet: { join: (topic, frame) => this.publish(topic, frame), data: (topic, frame) => this.publish(topic, frame) },
    on: {
      came: (name) => this.told.push(`${name} came`),
      said: (name, body) => this.told.push(`${name}: ${Buffer.from(body).toString()}`),
      went: (name) => this.told.push(`${name} went`),
    },
  });

  publish(topic: Uint8Array, frame: Uint8Array): void {
    this.published.set(hex(topic), [...(this.published.get(hex(topic)) ?? []), frame]);
  }

  /** What was published under `topic` since the last call. */
  taken(topic: Uint8Array): Uint8Array[] {
    const frames = this.published.get(hex(topic)) ?? [];
    this.published.delete(hex(topic));
    return frames;
  }

  comes(name: string, code = this.group.invite(name, 60).code, identity = newNode()): Member {
    return new Member(this, code, identity);
  }
}

class Member {
  readonly identity;
  readonly reader = new BroadcastReader(pinned.signing);
  session: Session;
  readonly #evening: Evening;

  constructor(evening: Evening, code: Uint8Array, identity: NodeIdentity) {
    this.#evening = evening;
    this.identity = identity;
    this.session = this.join(code);
  }

  join(code?: Uint8Array): Session {
    const join = new NodeJoin(pinned, this.identity, code, systemEntropy, other);
    const step = () => this.#evening.taken(join.topic).at(-1) ?? new Uint8Array();
    this.#evening.group.join(join.hello);
    this.#evening.group.join(offered(join, step()));
    const last = join.receive(step());
    if (last.type !== 'welcome') throw new Error(`expected a welcome, got ${last.type}`);
    this.reader.set(last.welcome.epoch, last.welcome.key, last.welcome.head);
    this.session = last.session;
    return last.session;
  }

  says(message: UpMessage | { kind: 'other'; body: Uint8Array }, session = this.session): void {
    this.#evening.group.hear(session.seal(message));
  }

  /** What it was told in its session; EPOCH is done as it says. */
  hears(): Message[] {
    const messages = this.#evening.taken(this.session.topic).map((frame) => this.session.open(frame));
    for (const { kind, body } of messages)
      if (kind === 'epoch') this.reader.advance(body.epoch, body.key, body.head, this.#evening.nowMs);
    return messages;
  }

  /** The texts that are published under the current epoch. */
  reads(): string[] {
    const [topic = new Uint8Array()] = this.reader.topics(this.#evening.nowMs);
    const frames = this.#evening.published.get(hex(topic)) ?? [];
    return frames.map((frame) => textOf(this.reader.open(topic, frame, this.#evening.nowMs).command));
  }
}

function textOf({ action }: Command): string {
  return action.type === 'text' ? action.text : '';
}

function commandsTo(member: Member): string[] {
  return member.hears().flatMap(({ kind, body }) => (kind === 'command' ? textOf(body) : []));
}

const report: UpMessage = { kind: 'report', body: { samples: [] } };
const words = (text: string) => ({ kind: 'other', body: Buffer.from(text) }) as const;

test('who comes by an invite is known by its name, what it says is handed on, and what the group says is read by all', () => {
  const evening = new Evening();
  const [ann, bob] = [evening.comes('ann'), evening.comes('bob')];
  ann.hears();
  ann.says(words('hello'));
  evening.group.say('good evening');
  expect(evening.told).toEqual(['ann came', 'bob came', 'ann: hello']);
  expect([ann.reads(), bob.reads()]).toEqual([['good evening'], ['good evening']]);
  expect(evening.group.admits(ann.identity.hopKey)).toBe(true);
  expect(evening.group.admits(newNode().hopKey)).toBe(false);
});

test('an invite is good once and until it ends, and a name is had by one', () => {
  const evening = new Evening();
  const { code, expires } = evening.group.invite('ann', 60);
  expect(expires).toBe(start / 1000 + 60);
  expect(() => evening.group.invite('ann', 60)).toThrow('ann is taken');
  evening.comes('ann', code);
  expect(() => evening.group.invite('ann', 60)).toThrow('ann is taken');
  expect(() => evening.comes('ann', code)).toThrow('got refused');
  const late = evening.group.invite('bob', 60).code;
  evening.nowMs += 60_000;
  expect(() => evening.comes('bob', late)).toThrow('got refused');
  expect(() => evening.comes('bob')).not.toThrow();
});

test('an identity has one id, and an id one identity', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  const thief = { ...newNode(), id: ann.identity.id };
  const again = { ...ann.identity, id: systemEntropy.bytes(16) };
  for (const [name, identity] of Object.entries({ thief, again }))
    expect(() => evening.comes(name, undefined, identity)).toThrow('got refused');
});

test('each who comes begins an epoch, of which those who are there are told; new keys of one who is there begin none', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  const before = ann.reader.epoch;
  const bob = evening.comes('bob');
  expect(ann.hears().map(({ kind }) => kind)).toEqual(['epoch']);
  expect(ann.reader.epoch).toBe(before + 1);
  expect(bob.reader.epoch).toBe(before + 1);
  bob.join();
  expect(ann.hears()).toEqual([]);
  expect(evening.told).toEqual(['ann came', 'bob came']);
});

test('an epoch ends after a day', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  evening.nowMs += epochMaxMs - 1;
  ann.join();
  evening.group.sweep();
  expect(ann.hears()).toEqual([]);
  evening.nowMs += 1;
  evening.group.sweep();
  expect(ann.hears().map(({ kind }) => kind)).toEqual(['epoch']);
});

test('what was missed is told to who asks, but for what was said before it came, and what is no longer to be said', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  evening.group.say('between us');
  const bob = evening.comes('bob');
  evening.group.say('to both');
  const ask: UpMessage = { kind: 'ask', body: { epoch: bob.reader.epoch, missing: [1, 2] } };
  ann.says(ask);
  bob.says(ask);
  expect([commandsTo(ann), commandsTo(bob)]).toEqual([['between us', 'to both'], ['to both']]);
  evening.nowMs += 60_000;
  bob.join();
  bob.says(ask);
  expect(commandsTo(bob)).toEqual([]);
});

test('each report is answered with the head and the epoch, and who asks with an older epoch is told of the current one', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  evening.group.say('hello');
  ann.says(report);
  const ack = { through: 0, head: 1, epoch: ann.reader.epoch, time: start };
  expect(ann.hears()).toEqual([{ kind: 'ack', body: ack }]);
  ann.says({ kind: 'ask', body: { epoch: ann.reader.epoch - 1, missing: [] } });
  expect(evening.taken(ann.session.topic).map((frame) => ann.session.open(frame).kind)).toEqual(['epoch']);
});

test('who leaves has gone, and who is silent; its session is over, and it may come back', () => {
  const evening = new Evening();
  const [ann, bob] = [evening.comes('ann'), evening.comes('bob')];
  ann.says({ kind: 'leave', body: {} });
  expect(refusalOf(() => ann.says(report))).toBe('key.unknown');
  evening.nowMs += awayMs - 1;
  evening.group.sweep();
  expect(evening.told.slice(2)).toEqual(['ann went']);
  evening.nowMs += 1;
  evening.group.sweep();
  expect(evening.told.slice(2)).toEqual(['ann went', 'bob went']);
  expect(refusalOf(() => bob.says(report))).toBe('key.unknown');
  ann.join();
  expect(evening.told.slice(4)).toEqual(['ann came']);
});

test('what is under way in an older session is still heard for a while, and its end is not the end of its member', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  const older = ann.session;
  ann.join();
  evening.nowMs += overlapMs - 1;
  ann.says(words('late'), older);
  ann.says(report);
  evening.nowMs += 1;
  evening.group.sweep();
  expect(refusalOf(() => ann.says(words('too late'), older))).toBe('key.unknown');
  expect(evening.told).toEqual(['ann came', 'ann: late']);
});

test('a session ends with its time, however much is said in it', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  const end = evening.nowMs + sessionMaxMs;
  while (evening.nowMs < end - awayMs) {
    evening.nowMs += awayMs - 1;
    ann.says(report);
    evening.group.sweep();
  }
  ann.hears();
  expect(evening.told).toEqual(['ann came']);
  evening.nowMs = end;
  evening.group.sweep();
  expect(evening.told).toEqual(['ann came', 'ann went']);
});

test('a member says more than its allowance in vain, and nothing that a fleet alone takes', () => {
  const evening = new Evening();
  const ann = evening.comes('ann');
  expect(refusalOf(() => ann.says({ kind: 'receipt', body: { command: new Uint8Array(16), outcome: 'done' } }))).toBe(
    'frame.kind',
  );
  const flood = () => {
    for (let said = 0; said < 1000; said++) ann.says(words('!'));
  };
  expect(refusalOf(flood)).toBe('rate.exceeded');
});
