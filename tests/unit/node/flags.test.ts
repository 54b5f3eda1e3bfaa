import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nodeFlags, nodeSettings } from '../../../scripts/node-flags.ts';

const image =
  readFileSync(join(import.meta.dirname, '../../../Dockerfile.node'), 'utf8')
    .split(/^FROM /m)
    .at(-1) ?? '';

test('demo and bench start a node with the flags and the memory settings of its image', () => {
  const entry: unknown = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(image)?.[1] ?? '');
  expect(entry).toEqual(['node', ...nodeFlags, '/app/main.cjs']);
  const settings = [...image.matchAll(/^(?:ENV)? +((?:MALLOC|UV)\w+)=(\w+)/gm)].map(([, name, value]) => [name, value]);
  expect(Object.fromEntries(settings)).toEqual(nodeSettings);
});
