// Who comes to the master's door, up to what the master then waits for.
import { expect } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import type { HopSecret } from '@sealcast/channel/hop-key';
import { NodeJoin } from '@sealcast/channel/join-node';
import { hex, newNode, offered, pinned, type Door } from './parties.ts';

export function plainOf(length: number): HopSecret {
  return { mechanism: 'plain', secret: new Uint8Array(length) };
}

export function knock(door: Door, code: Uint8Array | undefined = door.book.invite(), identity = newNode()): NodeJoin {
  return new NodeJoin(pinned, identity, code, systemEntropy);
}

export function diskFull(): never {
  throw new Error('disk full');
}

/** What the node gets to see, and what the master counts. */
export function knockedBack(door: Door, node: NodeJoin): { type: string; refused: string | undefined } {
  const reply = door.joins.hello(node.hello, 0);
  expect(reply.frame).toHaveLength(97);
  expect(hex(reply.topic)).toBe(hex(node.topic));
  return { type: node.receive(reply.frame).type, refused: reply.refused };
}

/** A CONFIRM that the master waits for. */
export function confirming(door: Door): { confirm: Uint8Array; keyId: Uint8Array } {
  const node = knock(door);
  const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
  return { confirm, keyId: confirm.subarray(4, 12) };
}
