import { mechanismWarning } from '@sealcast/runtime/mechanism-warning';
import { expect, test } from 'vitest';

test('CURVE lacks nothing, and the others are told of with what they lack and what holds all the same', () => {
  expect(mechanismWarning('curve')).toBeUndefined();
  for (const [mechanism, lacking] of [
    ['plain', 'secrets cross the network readable'],
    ['null', 'open to everybody'],
  ] as const)
    expect(mechanismWarning(mechanism)).toMatch(
      new RegExp(
        `^mq_mechanism is ${mechanism}: .*${lacking}.* Messages stay sealed end to end: nobody .* forge one\\.$`,
      ),
    );
});
