import { expect, test } from 'vitest';
import { dataFrameMax } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { readKeyId } from '@sealcast/channel/frame';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { Message, Session } from '@sealcast/channel/session';
import { Doorbook, hex, masterKeys, newNode, offered, pinned, refusalOf } from './parties.ts';

const said: Message = { kind: 'other', body: new TextEncoder().encode('Grüße') };

function joined(atNode: boolean, atMaster: boolean): { node: Session; master: Session } {
  const book = new Doorbook();
  const joins = new MasterJoins(masterKeys, systemEntropy, book.judge, () => false, { other: atMaster });
  const join = new NodeJoin(pinned, newNode(), book.invite(), systemEntropy, { other: atNode });
  const reply = joins.confirm(offered(join, joins.hello(join.hello, 0).frame), 0, book.enrol);
  const last = join.receive(reply.frame);
  if (last.type !== 'welcome' || !reply.joined) throw new Error(`expected a welcome, got ${last.type}`);
  return { node: last.session, master: reply.joined.session };
}

test('a session that was asked to carries any bytes both ways', () => {
  const { node, master } = joined(true, true);
  expect(master.open(node.seal(said))).toEqual(said);
  expect(node.open(master.seal(said))).toEqual(said);
  expect(master.open(node.seal({ kind: 'other', body: new Uint8Array(0) })).body).toEqual(new Uint8Array(0));
  const frame = node.seal(said);
  expect(hex(readKeyId(frame, 'node', { other: true }))).toBe(hex(node.keyId));
  expect(refusalOf(() => readKeyId(frame, 'master', { other: true }))).toBe('frame.kind');
});

test('a session that was not asked to neither says nor takes them, and still takes what it does', () => {
  const { node, master } = joined(true, false);
  expect(() => master.seal(said)).toThrow(/does not send/);
  const frame = node.seal(said);
  expect(refusalOf(() => readKeyId(frame, 'node'))).toBe('frame.kind');
  expect(refusalOf(() => master.open(frame))).toBe('frame.kind');
  expect(master.open(node.seal({ kind: 'leave', body: {} })).kind).toBe('leave');

  const other = joined(false, true);
  expect(() => other.node.seal(said)).toThrow(/does not send/);
  expect(refusalOf(() => other.node.open(other.master.seal(said)))).toBe('frame.kind');
});

test('a body that fills a frame of the data port is carried, and one byte more is a wrong call', () => {
  const { node, master } = joined(true, true);
  const body = systemEntropy.bytes(dataFrameMax - 49);
  expect(master.open(node.seal({ kind: 'other', body }))).toEqual({ kind: 'other', body });
  expect(() => node.seal({ kind: 'other', body: new Uint8Array(body.length + 1) })).toThrow(/above 65536/);
});

test('what was opened shares no memory with the frame', () => {
  const { node, master } = joined(true, true);
  const frame = node.seal(said);
  const opened = master.open(frame);
  frame.fill(0);
  expect(opened).toEqual(said);
});
