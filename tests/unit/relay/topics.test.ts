import { Topics } from '@sealcast/relay/topics';
import { expect, test } from 'vitest';

const most = 16_384;

function topic(number: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeUInt32BE(number);
  return bytes;
}

const asked = (number: number) => Buffer.concat([Buffer.from([1]), topic(number)]);
const left = (number: number) => Buffer.concat([Buffer.from([0]), topic(number)]);

function full(): Topics {
  const topics = new Topics();
  for (let number = 0; number < most; number += 1) expect(topics.take(asked(number))).toEqual([asked(number)]);
  return topics;
}

test('a new topic takes the place of the oldest that nothing came for', () => {
  const topics = full();
  topics.carried(topic(0));
  expect(topics.take(asked(most))).toEqual([left(1), asked(most)]);
  expect(topics.take(asked(most + 1))).toEqual([left(2), asked(most + 1)]);
  expect([...topics.subscriptions()]).toHaveLength(most);
  expect(topics.take(left(1))).toEqual([]);
  expect(topics.take(left(0))).toEqual([left(0)]);
  expect(topics.take(asked(most + 2))).toEqual([asked(most + 2)]);
});

test('where something came for all of them, a new one is not asked for', () => {
  const topics = full();
  for (let number = 0; number < most; number += 1) topics.carried(topic(number));
  expect(topics.take(asked(most))).toEqual([]);
  expect(topics.take(left(5))).toEqual([left(5)]);
  expect(topics.take(asked(most))).toEqual([asked(most)]);
});

test('what is no topic is neither kept nor passed on', () => {
  const topics = new Topics();
  expect(topics.take(asked(1).subarray(1))).toEqual([]);
  topics.carried(topic(1));
  expect([...topics.subscriptions()]).toEqual([]);
});
