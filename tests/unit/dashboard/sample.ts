import type { NodeView, Sample } from '../../../services/dashboard/src/api/types.ts';

/** A sample with plain values, and what a test wants otherwise. */
export function aSample(changes: Partial<Sample> = {}): Sample {
  return {
    number: 1,
    at: 0,
    uptime: 100,
    cpu: 10,
    cores: [10],
    load: [0.5, 0.4, 0.3],
    memory: { total: 1000, available: 600 },
    swap: { total: 0, free: 0 },
    disks: [{ mount: '/', device: 'sda1', type: 'ext4', total: 100, free: 70 }],
    io: [{ device: 'sda', read: 10, written: 20, busy: 1 }],
    interfaces: [{ name: 'eth0', received: 100, sent: 50 }],
    temperatures: [],
    ...changes,
  };
}

export function aNode(name: string, changes: Partial<NodeView> = {}): NodeView {
  return {
    id: name.padEnd(32, '0'),
    name,
    facts: null,
    state: 'alive',
    since: 0,
    lastSeen: 0,
    interval: 5,
    joinedAt: 0,
    sample: aSample(),
    cloned: null,
    keptOut: null,
    ...changes,
  };
}
