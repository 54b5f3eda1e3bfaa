import { expect, test } from 'vitest';
import { gatewayAddress } from '../../../../services/master/src/http/gateway.ts';
import { namedProxies, peerIsProxy, socketIsProxy } from '../../../../services/master/src/http/proxies.ts';
import { testServer } from './test-server.ts';

test('the proxy is the peer itself where none is named', () => {
  expect([peerIsProxy('192.0.2.1', 0), peerIsProxy('192.0.2.1', 1)]).toEqual([true, false]);
});

test('behind a Unix socket, the proxy is whoever opened it', () => {
  expect([socketIsProxy(undefined, 0), socketIsProxy('127.0.0.1', 0), socketIsProxy('192.0.2.1', 1)]).toEqual([
    true,
    false,
    false,
  ]);
});

test('addresses and networks are believed, and no others', () => {
  const { isProxy } = namedProxies(['192.0.2.7', '10.0.0.0/8', 'fd00::/8']);
  for (const address of ['192.0.2.7', '::ffff:192.0.2.7', '10.255.0.1', '::ffff:10.0.0.1', 'fd00::1', 'fd12::9%eth0'])
    expect([address, isProxy(address, 0)]).toEqual([address, true]);
  for (const address of ['192.0.2.8', '11.0.0.1', 'fe80::1', '::1', 'unknown', '', '10.0.0.1.evil.test'])
    expect([address, isProxy(address, 0)]).toEqual([address, false]);
  expect(isProxy(undefined, 0)).toBe(false);
});

test('a name is whom it leads to now, and nobody where it leads nowhere', async () => {
  const clock = { ms: 0 };
  let addresses = ['172.20.0.3', 'fd00::3'];
  let asked = 0;
  const lookup = async () => {
    asked += 1;
    if (addresses.length === 0) throw new Error('ENOTFOUND');
    return addresses;
  };
  const { isProxy, refresh } = namedProxies(['traefik'], { lookup, now: () => clock.ms });
  expect(isProxy('172.20.0.3', 0)).toBe(false);
  await Promise.all([refresh?.(), refresh?.()]);
  expect([isProxy('172.20.0.3', 0), isProxy('fd00::3', 0), isProxy('172.20.0.4', 0)]).toEqual([true, true, false]);
  clock.ms += 1999;
  addresses = ['172.20.0.4'];
  await refresh?.();
  expect([asked, isProxy('172.20.0.3', 0)]).toEqual([1, true]);
  clock.ms += 1;
  await refresh?.();
  expect([asked, isProxy('172.20.0.3', 0), isProxy('172.20.0.4', 0)]).toEqual([2, false, true]);
  clock.ms += 2000;
  addresses = [];
  await refresh?.();
  expect([asked, isProxy('172.20.0.4', 0)]).toEqual([3, false]);
});

test('the gateway is the one of the default route', () => {
  const table = [
    'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT',
    'eth1\t00001AAC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0',
    'eth0\t00000000\t01001BAC\t0003\t0\t0\t0\t00000000\t0\t0\t0',
  ].join('\n');
  expect(gatewayAddress(table)).toBe('172.27.0.1');
  expect(() => gatewayAddress(table.replace('01001BAC', '00000000'))).toThrow('no default route');
});

test('names are looked up before a request that says for whom it is, and not for others', async () => {
  let asked = 0;
  const refresh = async () => void (asked += 1);
  await using server = await testServer({ proxies: { isProxy: () => true, refresh } });
  await server.app.inject('/api/health');
  expect(asked).toBe(0);
  for (const name of ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'])
    await server.app.inject({ url: '/api/health', headers: { [name]: '192.0.2.1' } });
  expect(asked).toBe(3);
});

test('browsers are told to use nothing but TLS for as long as is asked for, and nothing where it is not', async () => {
  await using off = await testServer({ proxies: { isProxy: peerIsProxy } });
  await using on = await testServer({ proxies: { isProxy: peerIsProxy }, hstsDays: 365 });
  expect((await off.app.inject('/')).headers['strict-transport-security']).toBeUndefined();
  expect((await on.app.inject('/')).headers['strict-transport-security']).toBe('max-age=31536000');
});
