import { expect, test } from 'vitest';
import { initSettings } from '@sealcast/init/settings';

test('nothing has to be set', () => {
  expect(initSettings({})).toMatchObject({
    keys_dir: './data/keys',
    tls_dir: './data/tls',
    nodes_dir: './data/nodes',
    init_nodes: 3,
    init_admin: 'admin',
    init_invite_hours: 168,
    init_owner: undefined,
    tls_names: [],
    mq_public_host: 'localhost',
    mq_sub_port: 36500,
    mq_pub_port: 36501,
    mq_join_sub_port: 36502,
    mq_join_pub_port: 36503,
  });
});

test.each([
  ['init_nodes', '1001'],
  ['init_nodes', '-1'],
  ['init_invite_hours', '0'],
  ['init_admin', 'two words'],
  ['init_admin', 'x'.repeat(65)],
  ['init_owner', 'root'],
  ['init_owner', '1000'],
  ['tls_names', 'fleet.example.org,https://fleet'],
  ['mq_public_host', 'host:36500'],
  ['mq_sub_port', '0'],
])('%s=%s is a fault that names it', (name, value) => {
  expect(() => initSettings({ [name]: value })).toThrow(new RegExp(`^${name} .*write`));
});

test('a host that no invite has room for is a fault', () => {
  const long = `${'a'.repeat(60)}.example.org`;
  expect(() => initSettings({ mq_public_host: long })).toThrow('mq_public_host is 72 characters long');
});

test('every fault is told at once', () => {
  expect(() => initSettings({ init_nodes: 'x', mq_pub_port: 'y', init_owner: 'z' })).toThrow(
    /init_nodes.*\n.*init_owner.*\n.*mq_pub_port/,
  );
});

test('the owner is read as two numbers', () => {
  expect(initSettings({ init_owner: '1000:998' }).init_owner).toEqual({ uid: 1000, gid: 998 });
});
