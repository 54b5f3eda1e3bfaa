import { Topics } from '@sealcast/relay/topics';
import { expect, test } from 'vitest';

const most = 100;
const waitingMost = 16_384;

function topic(number: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(number);
  return bytes;
}

const asked = (number: number) => Buffer.concat([Buffer.from([1]), topic(number)]);
const left = (number: number) => Buffer.concat([Buffer.from([0]), topic(number)]);

function full(): Topics {
  const topics = new Topics(most);
  for (let number = 0; number < most; number += 1) {
    topics.take(asked(number));
    expect(topics.next()).toEqual([asked(number)]);
  }
  return topics;
}

test('a new topic takes the place of what nobody listens to, then of a younger one that nothing came for', () => {
  const topics = full();
  topics.take(left(3));
  topics.take(asked(most));
  expect(topics.next()).toEqual([left(3), asked(most)]);
  topics.carried(topic(most));
  for (let more = 1; more <= 40; more += 1) {
    topics.take(asked(most + more));
    const [leaver, newcomer] = topics.next();
    expect(newcomer).toEqual(asked(most + more));
    expect(leaver?.[0]).toBe(0);
    expect(leaver?.readUInt32BE(1)).toBeGreaterThan(40);
    expect(leaver).not.toEqual(left(most));
  }
  expect([...topics.subscriptions()]).toHaveLength(most);
  expect([...topics.subscriptions()]).toContainEqual(asked(most));
});

test('where something came for all of them, a new one waits until somebody leaves', () => {
  const topics = full();
  for (let number = 0; number < most; number += 1) topics.carried(topic(number));
  topics.take(asked(most));
  expect(topics.next()).toEqual([]);
  topics.take(left(5));
  expect(topics.next()).toEqual([left(5), asked(most)]);
});

test('what came and went before its turn is never asked for', () => {
  const topics = new Topics(most);
  for (let number = 0; number < 50; number += 1) topics.take(asked(number));
  for (let number = 0; number < 49; number += 1) topics.take(left(number));
  expect(topics.next()).toEqual([asked(49)]);
  expect([topics.next(), topics.forget()]).toEqual([[], []]);
});

test('what nobody listens to is kept until it is forgotten, and is there for who comes back', () => {
  const topics = new Topics(most);
  topics.take(asked(1));
  topics.next();
  topics.take(left(1));
  topics.take(asked(1));
  expect([topics.next(), topics.forget()]).toEqual([[], []]);
  topics.take(left(1));
  expect(topics.forget()).toEqual([left(1)]);
  expect([...topics.subscriptions()]).toEqual([]);
});

test('the newest and the oldest that wait have their turns one after the other', () => {
  const topics = new Topics(most);
  for (let number = 0; number < 6; number += 1) topics.take(asked(number));
  expect([topics.next(), topics.next(), topics.next()]).toEqual([[asked(5)], [asked(0)], [asked(4)]]);
});

test('of too many that wait the oldest is given up', () => {
  const topics = new Topics(most);
  for (let number = 0; number <= waitingMost; number += 1) topics.take(asked(number));
  expect(topics.waiting).toBe(waitingMost);
  topics.next();
  expect(topics.next()).toEqual([asked(1)]);
});

test('what is no topic is neither kept nor passed on', () => {
  const topics = new Topics(most);
  topics.take(asked(1).subarray(1));
  expect(topics.next()).toEqual([]);
  topics.carried(topic(1));
  expect([...topics.subscriptions()]).toEqual([]);
});
