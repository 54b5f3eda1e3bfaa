import { expect, test } from 'vitest';
import { readSettings } from '@sealcast/runtime/settings';
import { proxies } from '../../../services/master/src/proxies-setting.ts';

function read(text: string): boolean | string[] {
  return readSettings({ server_behind_proxy: proxies() }, { server_behind_proxy: text }).server_behind_proxy;
}

test.for([
  ['true', true],
  ['false', false],
  ['10.0.0.7', ['10.0.0.7']],
  ['172.16.0.0/12, fd00::/8 ,::1', ['172.16.0.0/12', 'fd00::/8', '::1']],
  ['gateway', ['gateway']],
  ['traefik, edge.lan,10.0.0.7', ['traefik', 'edge.lan', '10.0.0.7']],
] as const)('%s is taken', ([text, expected]) => {
  expect(read(text)).toEqual(expected);
});

test.for([
  'yes',
  'On',
  '1',
  'http://nginx',
  'nginx:80',
  '10.0.0.300',
  '10.0.0.0/33',
  '10.0.0.0/0',
  '::/129',
  '10.0.0.1,',
  'true,10.0.0.1',
  '1/8',
  'nginx/8',
])('%s is refused with what to write instead', (text) => {
  expect(() => read(text)).toThrow(
    `server_behind_proxy is "${text}"; write true, false, or the names, addresses or networks of the proxies between commas`,
  );
});
