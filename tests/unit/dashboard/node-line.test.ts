import { expect, test } from 'vitest';
import { nodeLine } from '../../../services/dashboard/src/invite/node-line.ts';

test('the invite is in the environment of the line, and in no argument of a command', () => {
  const [environment = '', command = ''] = nodeLine('sealcast1:abc').split(' docker run ');
  expect(environment).toBe("mq_invite_code='sealcast1:abc'");
  expect(command).toContain('-e mq_invite_code ');
  expect(command).not.toContain('sealcast1:');
});

test('the node runs without capabilities, read-only', () => {
  const line = nodeLine('x');
  for (const part of ['--read-only', '--cap-drop ALL', '--security-opt no-new-privileges'])
    expect(line).toContain(part);
});

test('the node sees the machine read-only', () => {
  const mounts = [...nodeLine('x').matchAll(/-v (\/\S+)/g)].map(([, mount]) => mount);
  expect(mounts).toEqual(['/proc:/host/proc:ro', '/sys:/host/sys:ro', '/etc/os-release:/host/etc/os-release:ro']);
});
