import { expect, test } from 'vitest';
import { levelOf } from '../../../services/dashboard/src/piece/levels.ts';

test.each([
  ['disk', null, 'usual'],
  ['disk', undefined, 'usual'],
  ['disk', 84.9, 'usual'],
  ['disk', 85, 'high'],
  ['disk', 95, 'critical'],
  ['temperature', 84, 'high'],
] as const)('%s at %s is %s', (what, value, level) => {
  expect(levelOf(what, value)).toBe(level);
});
