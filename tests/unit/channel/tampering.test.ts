import { describe, expect, it } from 'vitest';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster, BroadcastReader } from '@sealcast/channel/epoch';
import { everyone } from '@sealcast/channel/ids';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { Message } from '@sealcast/channel/session';
import {
  commandTo,
  joinFully,
  masterKeys,
  newDoor,
  newNode,
  offered,
  pinned,
  refusalsOfEveryByte,
  sample,
} from './parties.ts';

// Every bit of one byte is turned over, for each byte of a frame of each kind; then the frame itself is still taken.

describe('any byte changed', () => {
  it('in a HELLO is refused, and leaves nothing pending', () => {
    const door = newDoor();
    const { hello } = new NodeJoin(pinned, newNode(), door.book.invite(), systemEntropy);
    const codes = refusalsOfEveryByte(hello, (frame) => door.joins.receive(frame, 0, door.book.enrol));
    expect([...codes]).toEqual(['frame.version', 'frame.suite', 'frame.kind', 'frame.flags', 'join.open']);
    expect(door.joins.pending).toBe(0);
    expect(door.joins.hello(hello, 0).refused).toBeUndefined();
  });

  it('in an OFFER is refused, and the node goes on waiting', () => {
    const door = newDoor();
    const node = new NodeJoin(pinned, newNode(), door.book.invite(), systemEntropy);
    const offer = door.joins.hello(node.hello, 0).frame;
    const codes = refusalsOfEveryByte(offer, (frame) => node.receive(frame));
    expect([...codes]).toEqual(['frame.version', 'frame.suite', 'frame.kind', 'frame.flags', 'seal.open']);
    expect(node.receive(offer).type).toBe('offer');
  });

  it('in a CONFIRM is refused, and the join stays pending', () => {
    const door = newDoor();
    const node = new NodeJoin(pinned, newNode(), door.book.invite(), systemEntropy);
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    const receive = (frame: Uint8Array) => door.joins.receive(frame, 0, door.book.enrol);
    const codes = refusalsOfEveryByte(confirm, receive);
    const header = ['frame.version', 'frame.suite', 'frame.kind', 'frame.flags'];
    expect([...codes]).toEqual([...header, 'key.unknown', 'sequence.limit', 'seal.open']);
    expect(door.joins.pending).toBe(1);
    expect(door.book.enrolled).toBe(0);
    expect(receive(confirm).joined).toBeDefined();
    const again = refusalsOfEveryByte(confirm, receive);
    expect([...again]).toEqual([...header, 'key.unknown', 'sequence.limit', 'seal.open']);
  });

  it('in a WELCOME is refused, and the node goes on waiting', () => {
    const door = newDoor();
    const node = new NodeJoin(pinned, newNode(), door.book.invite(), systemEntropy);
    const confirm = offered(node, door.joins.hello(node.hello, 0).frame);
    const { frame: welcome } = door.joins.confirm(confirm, 0, door.book.enrol);
    const codes = refusalsOfEveryByte(welcome, (frame) => node.receive(frame));
    const header = ['frame.version', 'frame.suite', 'frame.kind', 'frame.flags'];
    expect([...codes]).toEqual([...header, 'key.unknown', 'sequence.limit', 'seal.open']);
    expect(node.receive(welcome).type).toBe('welcome');
  });

  it('in a REFUSAL is refused, and the node goes on waiting', () => {
    const door = newDoor();
    const node = new NodeJoin(pinned, newNode(), systemEntropy.bytes(16), systemEntropy);
    const refusal = door.joins.hello(node.hello, 0).frame;
    const codes = refusalsOfEveryByte(refusal, (frame) => node.receive(frame));
    expect([...codes]).toEqual(['frame.version', 'frame.suite', 'frame.kind', 'frame.flags', 'seal.open']);
    expect(node.receive(refusal).type).toBe('refused');
  });

  const id = new Uint8Array(16).fill(1);
  const ups: Message[] = [
    { kind: 'report', body: { samples: [sample] } },
    {
      kind: 'facts',
      body: {
        name: 'n',
        os: '',
        kernel: '',
        arch: 'arm64',
        version: '1',
        vendor: '',
        model: '',
        cpu: { model: '', cores: 1, threads: 1 },
        memory: 1,
        boot: 1,
        disks: [],
        gpus: [],
        addresses: [],
      },
    },
    { kind: 'receipt', body: { command: id, outcome: 'done' } },
    { kind: 'ask', body: { epoch: 1, missing: [1, 2] } },
    { kind: 'leave', body: {} },
  ];

  it.each(ups)('in a frame of kind $kind is refused, and the session is as it was', (message) => {
    const { node, master } = joinFully(newDoor());
    const frame = node.seal(message);
    // A kind turned over is none that the master takes; a sequence turned over is beyond the limit or does not fit the tag.
    const codes = refusalsOfEveryByte(frame, (changed) => master.open(changed));
    expect([...codes]).toEqual([
      'frame.version',
      'frame.suite',
      'frame.kind',
      'frame.flags',
      'key.unknown',
      'sequence.limit',
      'seal.open',
    ]);
    expect(master.received).toBe(0);
    expect(master.open(frame)).toEqual(message);
    expect(master.received).toBe(1);
  });

  it.each(['ack', 'command', 'epoch'] as const)(
    'in a frame of kind %s is refused, and the session is as it was',
    (kind) => {
      const { node, master } = joinFully(newDoor());
      const bodies = {
        ack: { kind: 'ack', body: { through: 1, head: 1, epoch: 1, time: 1 } },
        command: { kind: 'command', body: commandTo(node.nodeId) },
        epoch: { kind: 'epoch', body: { epoch: 2, key: new Uint8Array(32), head: 0 } },
      } as const;
      const message = bodies[kind];
      const frame = master.seal(message);
      const codes = refusalsOfEveryByte(frame, (changed) => node.open(changed));
      expect(codes).toContain('seal.open');
      expect(node.received).toBe(0);
      expect(node.open(frame)).toEqual(message);
    },
  );

  it('in a BROADCAST or its topic is refused, and its number can still be taken', () => {
    const broadcaster = new Broadcaster(masterKeys, systemEntropy);
    const reader = new BroadcastReader(masterKeys.signingPublic);
    const key = systemEntropy.bytes(32);
    broadcaster.begin(1, key);
    reader.set(1, key, 0);
    const { topic, frame } = broadcaster.seal(1, commandTo(everyone));
    const codes = refusalsOfEveryByte(frame, (changed) => reader.open(topic, changed, 0));
    const header = ['frame.version', 'frame.suite', 'frame.kind', 'frame.flags'];
    expect([...codes]).toEqual([...header, 'key.unknown', 'sequence.limit', 'seal.open']);
    expect([...refusalsOfEveryByte(topic, (changed) => reader.open(changed, frame, 0))]).toEqual(['key.unknown']);
    expect(reader.open(topic, frame, 0).number).toBe(1);
  });
});

describe('a frame cut or made longer', () => {
  it('is refused at every length', () => {
    const { node, master } = joinFully(newDoor());
    const frame = node.seal({ kind: 'leave', body: {} });
    for (let length = 0; length < frame.length; length++) {
      expect(() => master.open(frame.subarray(0, length))).toThrow(length < 49 ? 'frame.length' : 'seal.open');
    }
    expect(() => master.open(Buffer.concat([frame, Buffer.of(0)]))).toThrow('seal.open');
    expect(() => master.open(Buffer.concat([frame, Buffer.alloc(65_536)]))).toThrow('frame.length');
    expect(master.open(frame)).toEqual({ kind: 'leave', body: {} });
  });
});
