import { expect, test } from 'vitest';
import { Stack } from '../stack/stack.ts';

test.for(['plain', 'null'])(
  'under %s master and node say at their start what the hop lacks, once',
  async (mechanism) => {
    await using stack = await Stack.start({ invites: 1, master: { mq_mechanism: mechanism } });
    const node = stack.startNode('attic', 1);
    await node.says('joined the master');
    for (const { lines } of [stack.master, node]) {
      const warnings = lines.filter(({ level }) => level === 'warn');
      expect(warnings).toMatchObject([{ msg: expect.stringMatching(`^mq_mechanism is ${mechanism}: .* stay sealed`) }]);
    }
  },
);
