import { describe, expect, test } from 'vitest';
import type { Facts } from '../../../services/dashboard/src/api/types.ts';
import { compareNodes, matches, type Order, passes } from '../../../services/dashboard/src/state/ordering.ts';
import { aNode, aSample } from './sample.ts';

const facts: Facts = {
  name: 'kestrel',
  os: 'Debian GNU/Linux 13',
  kernel: '6.12',
  arch: 'arm64',
  version: '0.1.0',
  vendor: 'Raspberry Pi Ltd',
  model: 'Raspberry Pi 5 Model B',
  cpu: { model: 'Cortex-A76', cores: 4, threads: 4 },
  memory: 8,
  boot: 0,
  disks: [],
  gpus: ['VideoCore VII'],
  addresses: ['192.168.1.20'],
};

const nodes = [
  aNode('node-10', { sample: aSample({ cpu: 20 }) }),
  aNode('Node-2', { sample: aSample({ cpu: 90, memory: { total: 100, available: 90 } }) }),
  aNode('gone', { state: 'away', sample: aSample({ cpu: 100 }) }),
  aNode('new', { state: 'never', sample: null }),
];

function namesBy(order: Order): string[] {
  return nodes.toSorted(compareNodes(order)).map(({ name }) => name);
}

describe('nodes are sorted', () => {
  test('by name, with numbers as people count', () => {
    expect(namesBy('name')).toEqual(['gone', 'new', 'Node-2', 'node-10']);
  });

  test('by CPU, with those that are away behind', () => {
    expect(namesBy('cpu')).toEqual(['Node-2', 'node-10', 'gone', 'new']);
  });

  test('by memory, the fullest first', () => {
    expect(namesBy('memory')).toEqual(['node-10', 'Node-2', 'gone', 'new']);
  });

  test('by disk, the fullest first', () => {
    const disk = { mount: '/', device: 'sda1', type: 'ext4', total: 100 };
    const left = { half: 50, full: 10, more: 30 };
    const fuller = Object.entries(left).map(([name, free]) =>
      aNode(name, { sample: aSample({ disks: [{ ...disk, free }] }) }),
    );
    expect(fuller.toSorted(compareNodes('disk')).map(({ name }) => name)).toEqual(['full', 'more', 'half']);
  });

  test('by name where they are equal', () => {
    expect(namesBy('disk')).toEqual(['Node-2', 'node-10', 'gone', 'new']);
  });

  test('by state, those that are away first', () => {
    expect(namesBy('state')).toEqual(['gone', 'new', 'Node-2', 'node-10']);
  });
});

describe('a search', () => {
  const pi = aNode('attic', { facts });

  test.each(['', '  ', 'ATTIC', 'raspberry', '192.168.1', 'debian cortex', 'videocore', 'kestrel', 'ltd', 'model b'])(
    'for "%s" finds the node',
    (query) => {
      expect(matches(pi, query)).toBe(true);
    },
  );

  test.each(['ubuntu', 'debian ubuntu', 'undefined', 'null'])('for "%s" does not', (query) => {
    expect(matches(pi, query)).toBe(false);
    expect(matches(aNode('bare'), query)).toBe(false);
  });
});

test('a node that has not been heard yet counts with those that are away', () => {
  expect(nodes.filter((node) => passes(node, 'away')).map(({ name }) => name)).toEqual(['gone', 'new']);
  expect(nodes.filter((node) => passes(node, 'alive')).length).toBe(2);
  expect(nodes.filter((node) => passes(node, 'all')).length).toBe(4);
});
