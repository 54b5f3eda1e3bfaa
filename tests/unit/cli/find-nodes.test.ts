import { findNodes } from '@sealcast/cli/fleet/find-nodes';
import type { NodeView } from '@sealcast/master/fleet/views';
import { expect, test } from 'vitest';

const node = (id: string, name: string) => ({ id: id.padEnd(32, '0'), name }) as NodeView;
const [attic, barn, twin, hexed] = [
  node('aaaa1', 'attic'),
  node('bbbb1', 'barn'),
  node('bbbb2', 'barn'),
  node('cccc', 'aaaa'),
];
const nodes = [attic, barn, twin, hexed];

test('a node is found by its name, its id, and how its id begins', () => {
  expect(findNodes(nodes, ['attic'])).toEqual([attic]);
  expect(findNodes(nodes, [barn.id])).toEqual([barn]);
  expect(findNodes(nodes, ['bbbb2'])).toEqual([twin]);
});

test('an id is its own, whoever calls itself by it', () => {
  const pretender = node('dddd', barn.id);
  expect(findNodes([pretender, ...nodes], [barn.id])).toEqual([barn]);
});

test('a name that is how an id begins is no answer', () => {
  expect(() => findNodes(nodes, ['aaaa'])).toThrow(`aaaa are 2 nodes: ${attic.id}, ${hexed.id}`);
});

test('one that is named twice is found once', () => {
  expect(findNodes(nodes, ['attic', attic.id, 'bbbb1'])).toEqual([attic, barn]);
});

test('what are several is said with their ids, and what is none is said', () => {
  expect(() => findNodes(nodes, ['barn'])).toThrow(`barn are 2 nodes: ${barn.id}, ${twin.id}; say which by its id`);
  expect(() => findNodes(nodes, ['cellar'])).toThrow('there is no node cellar');
  // Too short to be meant.
  expect(() => findNodes(nodes, ['bbb'])).toThrow('there is no node bbb');
  expect(() => findNodes(nodes, ['\u001b[2J'])).toThrow('there is no node [2J');
});
