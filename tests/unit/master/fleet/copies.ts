// A node, and copies of its identity.
import type { Message, UpMessage } from '@sealcast/channel/session';
import { expect } from 'vitest';
import { PaperFleet, type PaperNode } from './paper-fleet.ts';

/** A node, and a copy of its identity that has joined after it. */
export function copied() {
  const world = new PaperFleet();
  const node = world.node();
  const copy = node.again();
  copy.join();
  copy.report();
  return { world, node, copy, [Symbol.dispose]: () => world[Symbol.dispose]() };
}

export const cloned = (world: PaperFleet, node: PaperNode) => world.fleet.node(node.id)?.cloned;
export const acks = (node: PaperNode) => node.heard.filter(({ kind }) => kind === 'ack').length;

/** The node is asked whether it still runs, and joins anew before it has answered. Gives its answer. */
export function askedWhileItJoins(world: PaperFleet, node: PaperNode): UpMessage {
  const { session } = node;
  if (session === undefined) throw new Error('the node has no session');
  world.hearers.clear();
  const questions: Message[] = [];
  world.hear(session.topic, (frame) => questions.push(session.open(frame)));
  node.report();
  expect(node.join()).toBe(true);
  const [id] = questions.flatMap((one) => (one.kind === 'command' ? [one.body.id] : []));
  if (id === undefined) throw new Error('the node was not asked');
  return { kind: 'receipt', body: { command: id, outcome: 'expired' } };
}
