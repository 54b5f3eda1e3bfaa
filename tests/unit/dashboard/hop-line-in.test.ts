import { expect, test } from 'vitest';
import { hopLineIn } from '../../../services/dashboard/src/relay/hop-line-in.ts';

test.each([
  ['sealcast-hop1:Ab_9-x', 'sealcast-hop1:Ab_9-x'],
  ['  sealcast-hop1:Ab_9-x\n', 'sealcast-hop1:Ab_9-x'],
  ["mq_upstream='sealcast-hop1:Ab_9-x'", 'sealcast-hop1:Ab_9-x'],
  ['{"level":"info","line":"sealcast-hop1:Ab_9-x","msg":"ready"}', 'sealcast-hop1:Ab_9-x'],
  [' something else ', 'something else'],
])('in %j the hop line is %j', (pasted, line) => {
  expect(hopLineIn(pasted)).toBe(line);
});
