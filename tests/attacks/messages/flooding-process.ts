// A node that has joined, and floods its master until it is told to stop. In a process of its own: it needs all of a core.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Session } from '@sealcast/channel/session';
import type { Hop } from '@sealcast/node/link/hop';
import { sample } from '../../unit/channel/parties.ts';
import { dataFrameMax, kinds } from '../../twin/envelope.ts';
import { garbageBytes, isFloodOrder } from './flood.ts';
import { RawMember } from './raw-member.ts';
import { facts } from './up-frames.ts';

const samplesOnce = 64;
const topicsOnce = 256;

let flooding: { hop: Hop; over: AbortController } | undefined;
let member: RawMember | undefined;
let session: Session | undefined;
let number = 0;

function nextSamples() {
  return Array.from({ length: samplesOnce }, () => ({ ...sample, number: (number += 1), at: Date.now() }));
}

/** A frame of the node's own session, of `length` bytes, that nothing opens. */
function garbage(length: number): Uint8Array {
  const keyId = session?.keyId ?? new Uint8Array(8);
  const header = Uint8Array.of(1, 1, kinds.REPORT, 0);
  return Buffer.concat([header, keyId, Buffer.from('0000000000ffffff', 'hex'), randomBytes(length - 20)]);
}

const frames: Record<string, (open: Session) => Uint8Array> = {
  reports: (open) => open.seal({ kind: 'report', body: { samples: nextSamples() } }),
  facts: (open) => open.seal({ kind: 'facts', body: { ...facts, name: `greenhouse ${(number += 1)}` } }),
  asks: (open) => open.seal({ kind: 'ask', body: { epoch: 0, missing: Array.from({ length: 64 }, (_, i) => i + 1) } }),
  garbage: () => garbage(garbageBytes),
  'maximum frames': () => garbage(dataFrameMax),
};

async function flood(kind: string): Promise<void> {
  if (member === undefined || session === undefined) throw new Error('a flood begins after the join');
  const hop = member.connect();
  const over = new AbortController();
  flooding = { hop, over };
  const make = frames[kind];
  try {
    while (!over.signal.aborted) {
      if (make !== undefined) await hop.push.send(Buffer.from(make(session)));
      else for (let count = 0; count < topicsOnce; count += 1) hop.subscribe(randomBytes(16));
      await new Promise((resolve) => setImmediate(resolve));
    }
  } catch {
    // Its socket was closed under it.
  }
}

async function take(message: unknown): Promise<void> {
  if (!isFloodOrder(message)) return;
  if (message.type === 'join') {
    member = await RawMember.join(message.line);
    const { keyId, topic, nodeId, masterId, up, down } = member.session.keys;
    // Behind what it said to join.
    session = new Session({ role: 'node', keyId, topic, nodeId, masterId, up, down, sent: 1000 }, systemEntropy);
    process.send?.({ type: 'joined', id: member.id });
    return;
  }
  if (flooding !== undefined) {
    flooding.over.abort();
    member?.disconnect(flooding.hop);
  }
  if (message.type === 'flood') void flood(message.kind);
}

process.on('message', (message) => void take(message));
process.on('disconnect', () => process.exit(0));
