import { expect, test } from 'vitest';
import { isThisMachine } from '@sealcast/master/install/this-machine';

test.each(['localhost', 'LOCALHOST', 'sealcast.localhost', '127.0.0.1', '127.8.8.8', '::1'])(
  '%s is this machine',
  (host) => {
    expect(isThisMachine(host)).toBe(true);
  },
);

test.each(['', 'localhost.lan', '10.0.0.1', '1127.0.0.1', 'master', '::11'])('%j is not', (host) => {
  expect(isThisMachine(host)).toBe(false);
});
