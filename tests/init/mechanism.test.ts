import { expect, test } from 'vitest';
import { Place } from './place.ts';

test('a mechanism that lacks something is warned of, and CURVE is not', async () => {
  using place = new Place();
  const { stdout } = await place.init();
  expect(stdout).not.toContain('Warning');
  using other = new Place();
  const { code, stdout: said } = await other.init({ settings: { mq_mechanism: 'plain' } });
  expect(code).toBe(0);
  expect(said.replaceAll(/\s+/g, ' ')).toMatch(/Warning: mq_mechanism is plain: .* Messages stay sealed end to end/);
});
