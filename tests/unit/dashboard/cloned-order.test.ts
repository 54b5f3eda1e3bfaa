import { expect, test } from 'vitest';
import { compareNodes } from '../../../services/dashboard/src/state/ordering.ts';
import { aNode } from './sample.ts';

test('by state, a node whose identity a second machine uses stands before those that are away', () => {
  const nodes = [aNode('alive'), aNode('away', { state: 'away' }), aNode('copied', { cloned: { since: 0, tries: 1 } })];
  expect(nodes.toSorted(compareNodes('state')).map(({ name }) => name)).toEqual(['copied', 'away', 'alive']);
});
