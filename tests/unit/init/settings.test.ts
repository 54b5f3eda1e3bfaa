import { expect, test } from 'vitest';
import { initSettings } from '@sealcast/init/settings';

test('nothing has to be set', () => {
  expect(initSettings({})).toMatchObject({
    keys_dir: './data/keys',
    tls_dir: './data/tls',
    nodes_dir: './data/nodes',
    invites: [1, 2, 3],
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

test.each<[Record<string, string>, number[]]>([
  [{ demo_nodes: '0' }, []],
  [{ demo_nodes: '1' }, [1, 2, 3]],
  [{ demo_nodes: '' }, [1, 2, 3]],
  [{ demo_node_1: '0' }, [2, 3]],
  [{ demo_node_2: '0', demo_node_3: '' }, [1, 3]],
  [{ demo_nodes: '0', demo_node_1: '1' }, [1]],
  [{ demo_nodes: '0', demo_node_3: '1' }, [3]],
  [{ demo_nodes: '0', init_nodes: '2' }, [1, 2]],
  [{ demo_nodes: '0', init_nodes: '' }, []],
  [{ demo_node_1: '0', init_nodes: '4' }, [1, 2, 3, 4]],
  [{ demo_node_1: '1', init_nodes: '0' }, []],
])('%o makes the invites %j', (env, invites) => {
  expect(initSettings(env).invites).toEqual(invites);
});

test.each(['demo_nodes', 'demo_node_1', 'demo_node_2', 'demo_node_3'])('%s is 1 or 0', (name) => {
  for (const value of ['2', '-1', 'true'])
    expect(() => initSettings({ [name]: value })).toThrow(`${name} is "${value}"; write 1 or 0`);
});

test.each([
  ['demo_nodes', '3'],
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

test("the master's and the nodes' faults are told with its own, each once", () => {
  const wrong = { server_virtual_host: 'x', server_hsts_days: '-1', report_interval: '0', retention_hours: '0' };
  const nodes = { spool_max_mb: '0', spool_max_hours: '0', log_level: 'loud' };
  const pairs = { mq_sub_port: '1', mq_pub_port: '1', mq_zap_file: '/a', mq_zap_command: '/b' };
  const names = [
    ...Object.keys(wrong),
    ...Object.keys(nodes),
    'init_nodes',
    'mq_sub_port and mq_pub_port',
    'mq_zap_file and',
  ];
  const faults = (): unknown => initSettings({ ...wrong, ...nodes, ...pairs, init_nodes: 'x' });
  const found: string[] = [];
  try {
    faults();
  } catch (error) {
    found.push(...(error instanceof Error ? error.message.split('\n') : []));
  }
  expect(found).toHaveLength(names.length);
  for (const name of names) expect(found.filter((line) => line.startsWith(`${name} `))).toHaveLength(1);
});

test('the owner is read as two numbers', () => {
  expect(initSettings({ init_owner: '1000:998' }).init_owner).toEqual({ uid: 1000, gid: 998 });
});
