import assert from 'node:assert/strict';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { allows, observeOnly, parsePolicy, PolicyError, type Policy } from '../../services/node/src/policy/policy.ts';
import { fuzz } from './fuzz.ts';
import { carryOutText, plans } from './mutation.ts';

const honest = [
  'level observe\n',
  'level operate\n',
  'level admin\n',
  '# runs\nlevel observe\nallow rotate\nallow run /usr/bin/uptime -p\n',
];
const words = fc.constantFrom(
  'level',
  'allow',
  'run',
  'rotate',
  'admin',
  'operate',
  'observe',
  '/bin/sh',
  '-c',
  'x',
  '#',
  '',
  ' ',
  '\t',
  'Level',
  'text',
  '__proto__',
);
const whole = fc.constantFrom(
  'level observe',
  'level operate',
  'level admin',
  'allow rotate',
  'allow run /bin/sh -c x',
  '# x',
  '',
);
const texts = fc.oneof(
  fc.array(whole, { maxLength: 4 }).map((lines) => lines.join('\n')),
  plans.map((plan) => carryOutText(plan, honest)),
  fc
    .array(
      fc.array(words, { maxLength: 5 }).map((line) => line.join(' ')),
      { maxLength: 5 },
    )
    .map((lines) => lines.join('\n')),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
const orders = [
  { type: 'rotate' },
  { type: 'run', program: '/bin/sh', arguments: ['-c', 'x'] },
  { type: 'run', program: '/usr/bin/uptime', arguments: ['-p'] },
] as const;

it('a policy of any text allows nothing that one of its lines does not say whole, or has its faults told', async () => {
  const outcomes = await fuzz('policy of a node', () => ({
    inputs: texts,
    take(text) {
      let policy: Policy;
      try {
        policy = parsePolicy(text);
      } catch (error) {
        assert.ok(error instanceof PolicyError, String(error));
        assert.match(error.message, /^line \d+ /);
        return 'faults';
      }
      const lines = text.split('\n');
      const level = lines.find((line) => line.startsWith('level ')) ?? 'level observe';
      assert.equal(`level ${policy.level}`, level);
      for (const order of orders) {
        const line =
          order.type === 'run' ? `allow run ${[order.program, ...order.arguments].join(' ')}` : 'allow rotate';
        const byLevel = level === 'level admin' || (order.type === 'rotate' && level === 'level operate');
        assert.equal(allows(policy, order), byLevel || lines.includes(line));
        assert.equal(allows(observeOnly, order), false);
      }
      return policy.level;
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['faults', 'observe']));
});
