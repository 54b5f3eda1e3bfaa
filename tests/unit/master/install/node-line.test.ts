import { expect, test } from 'vitest';
import { nodeLine } from '@sealcast/master/install/node-line';

test('the invite goes by a pipe into a file of the node, and into no argument and no setting of a container', () => {
  const [echo = '', file = '', start = ''] = nodeLine('sealcast1:abc').split(/ [|&]+ /);
  expect(echo).toBe("echo 'sealcast1:abc'");
  expect(file).toBe('sudo install -m 600 -o 36500 /dev/stdin deploy/pi/invite');
  expect(start).toBe('docker compose -f deploy/pi/compose.yml up --detach --wait');
});
