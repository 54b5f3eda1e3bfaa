import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { alertRules, type Sample, Prometheus } from '../stack/prometheus.ts';
import { Stack } from '../stack/stack.ts';

interface Panel {
  title: string;
  type: string;
  targets?: { expr: string }[];
}

const dashboard = JSON.parse(readFileSync(join(import.meta.dirname, '../../deploy/grafana/sealcast.json'), 'utf8')) as {
  panels: Panel[];
  templating: { list: { name: string; query: string | { query: string } }[] };
};
const queries = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => ({ title, expr })));

// A machine may have no sensor.
const maybe = 'sealcast_node_temperature_celsius';

// Grafana fills these in.
function filled(expr: string): string {
  return expr
    .replaceAll('$instance', '.+')
    .replaceAll('$node', '.+')
    .replaceAll('$__rate_interval', '1m')
    .replaceAll('$__range', '3h');
}

// scripts/test installs it where it may, and says so where it can't; with CI=true its absence is a failure.
const isHere = existsSync('/usr/bin/prometheus') || process.env['CI'] === 'true';

describe.runIf(isHere)('with a real Prometheus', () => {
  const disposables = new AsyncDisposableStack();
  let stack: Stack;
  let prometheus: Prometheus;
  let id: string;

  beforeAll(async () => {
    stack = disposables.use(await Stack.start({ invites: 1, master: { server_virtual_host: '/sealcast' } }));
    stack.startNode('pi "one" \\n', 1);
    const admin = await stack.signIn();
    const [node] = await admin.nodesWhen(
      (nodes) => nodes[0]?.facts !== undefined && nodes[0].facts !== null && nodes[0].sample !== null,
    );
    id = node!.id;
    await admin.confirmed((await admin.broadcast('hello')).id);
    await fetch(`${stack.url}/metrics`);
    prometheus = disposables.use(
      await Prometheus.start(new URL(`${stack.url}/metrics`), join(stack.keys, 'metrics.token')),
    );
    await vi.waitUntil(async () => ['up', 'down'].includes((await prometheus.target()).health), {
      timeout: 30_000,
      interval: 100,
    });
  });
  afterAll(() => disposables.disposeAsync());

  test("promtool finds nothing to say about the master's metrics", async () => {
    const authorization = `Bearer ${readFileSync(join(stack.keys, 'metrics.token'), 'utf8').trim()}`;
    const input = await (await fetch(`${stack.url}/metrics`, { headers: { authorization } })).text();
    expect(input.split('\n').length).toBeGreaterThan(200);
    const { status, stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], { input, encoding: 'utf8' });
    expect([status, stdout, stderr]).toEqual([0, '', '']);
  });

  test('it reads the master with the token from the file, and answers', async () => {
    expect(await prometheus.target()).toMatchObject({ health: 'up', lastError: '' });
    const told = await prometheus.query('sealcast_node_up * on (id) group_left (name) sealcast_node_info');
    expect(told).toMatchObject([{ metric: { id, name: 'pi "one" \\n' }, value: [expect.any(Number), '1'] }]);
    const value = async (query: string) => Number((await prometheus.query(query))[0]?.value[1]);
    expect(await value('sealcast_joins_total{kind="new"}')).toBe(1);
    expect(await value('sealcast_commands_total{action="text", to="everyone"}')).toBe(1);
    expect(await value('sealcast_sessions')).toBe(1);
    expect(await value('sealcast_store_bytes')).toBeGreaterThan(4096);
    expect(await value('sealcast_node_cpu_busy_ratio')).toBeLessThanOrEqual(1);
    expect(await value('sealcast_node_memory_bytes > sealcast_node_memory_available_bytes')).toBeGreaterThan(1e8);
  });

  test('every query of the dashboard is one that it answers, of metrics that there are', async () => {
    expect(queries.length).toBeGreaterThan(25);
    const known = new Set(
      (await prometheus.query('{__name__=~".+"}')).map(({ metric }: Sample) => metric['__name__'] ?? ''),
    );
    const strange = queries.flatMap(({ title, expr }) => {
      const named = filled(expr).match(/\b(?:sealcast|process|nodejs)_\w+/g) ?? ['none'];
      return named.filter((name) => !known.has(name) && name !== maybe).map((name) => `${title}: ${name}`);
    });
    expect(strange).toEqual([]);
    expect(queries.filter(({ expr }) => filled(expr).includes('$'))).toEqual([]);
    await Promise.all(queries.map(({ expr }) => prometheus.query(filled(expr))));
  });

  test('every alert is of metrics that there are', async () => {
    const names = alertRules().match(/\bsealcast_(?:node|transport)_\w+/g) ?? [];
    expect(new Set(names).size).toBe(6);
    const found = await Promise.all(names.map(async (name) => (await prometheus.query(name)).length > 0));
    expect(names.filter((_, index) => found[index] !== true)).toEqual([]);
  });

  test.each([
    'Nodes alive',
    'Oldest report',
    'Wire',
    'Nodes',
    'CPU',
    'Memory',
    'Load for each thread',
    'File systems',
    'What waits',
  ])('the panel %s has something to show', async (title) => {
    const { expr = '' } = queries.find((one) => one.title === title) ?? {};
    expect((await prometheus.query(filled(expr))).length).toBeGreaterThan(0);
  });

  test('the variables of the dashboard are labels that there are', async () => {
    const variables = dashboard.templating.list.filter(({ name }) => name !== 'datasource');
    expect(variables.map(({ name }) => name)).toEqual(['instance', 'node']);
    for (const { query } of variables) {
      const [, selector = '', label = ''] =
        /^label_values\((.+), (\w+)\)$/.exec(typeof query === 'string' ? query : query.query) ?? [];
      const [found] = await prometheus.query(filled(selector));
      expect(found?.metric[label]?.length).toBeGreaterThan(0);
    }
  });

  test('docs/monitoring.md names every metric of Sealcast, and no other', async () => {
    const text = readFileSync(join(import.meta.dirname, '../../docs/monitoring.md'), 'utf8');
    const documented = new Set([...text.matchAll(/`(sealcast_\w+)/g)].map(([, name = '']) => name));
    const told = (await prometheus.query('{__name__=~"sealcast_.+"}')).map(({ metric }) => metric['__name__'] ?? '');
    expect([...documented].toSorted()).toEqual([...new Set([...told, maybe])].toSorted());
  });
});
