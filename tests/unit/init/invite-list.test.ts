import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { hashCode, readInviteList, writeInviteList } from '@sealcast/init/invite-list';

const invite = { hash: 'ab'.repeat(32), expires: 1_800_000_000, label: 'node-1' };

function read(value: unknown) {
  return readInviteList(Buffer.from(JSON.stringify(value)));
}

test('what is written is read again', () => {
  for (const list of [[], [invite], [invite, { ...invite, label: 'node-2' }]])
    expect(readInviteList(writeInviteList(list))).toEqual(list);
});

test('what init does not know in an entry stays in it', () => {
  const strange = { ...invite, remark: 'x' };
  expect(JSON.parse(writeInviteList(read([strange])).toString())).toEqual([strange]);
});

test('a code is listed by its SHA-256', () => {
  expect(hashCode(Buffer.alloc(16, 7))).toBe(createHash('sha256').update(Buffer.alloc(16, 7)).digest('hex'));
});

test.each([
  ['no JSON', Buffer.from('[')],
  ['no list', Buffer.from('{}')],
  ['an entry that is null', Buffer.from('[null]')],
  ['a short hash', Buffer.from(JSON.stringify([{ ...invite, hash: 'ab' }]))],
  ['a hash in capitals', Buffer.from(JSON.stringify([{ ...invite, hash: 'AB'.repeat(32) }]))],
  ['no label', Buffer.from(JSON.stringify([{ hash: invite.hash, expires: 1 }]))],
  ['half a second', Buffer.from(JSON.stringify([{ ...invite, expires: 1.5 }]))],
])('a list with %s is damaged', (_, bytes) => {
  expect(() => readInviteList(bytes)).toThrow('is damaged');
});

test('a damaged entry is named by its place', () => {
  expect(() => read([invite, 5])).toThrow('its entry 2 is not an invite');
});
