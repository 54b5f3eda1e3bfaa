// The alerts that docs/monitoring.md proposes, in promtool: each tells what it is for, and all are silent where all is well.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { alertRules } from '../stack/prometheus.ts';

const at = 'instance="m", job="sealcast"';
const of = (node: string) => `id="${node}", ${at}`;
/** What a master tells, each for half an hour: [where all is well, where it is not]. */
const series: Readonly<Record<string, [number, number]>> = {
  [`up{${at}}`]: [1, 0],
  [`sealcast_transport_up{${at}}`]: [1, 0],
  [`sealcast_node_info{name="attic", ${of('a')}}`]: [1, 1],
  [`sealcast_node_up{${of('a')}}`]: [1, 0],
  [`sealcast_node_cloned{${of('a')}}`]: [0, 1],
  [`sealcast_node_filesystem_bytes{mountpoint="/", ${of('a')}}`]: [100, 100],
  [`sealcast_node_filesystem_free_bytes{mountpoint="/", ${of('a')}}`]: [5, 4],
  // As many pseudo file systems have.
  [`sealcast_node_filesystem_bytes{mountpoint="/sys", ${of('a')}}`]: [0, 0],
  [`sealcast_node_filesystem_free_bytes{mountpoint="/sys", ${of('a')}}`]: [0, 0],
};
const alerts = {
  SealcastMasterDown: [{ instance: 'm', job: 'sealcast' }, 'The master at m does not answer.'],
  SealcastWireDown: [{ instance: 'm', job: 'sealcast' }, 'No node can report to m.'],
  SealcastNodeAway: [{ name: 'attic', id: 'a', instance: 'm', job: 'sealcast' }, 'attic is away.'],
  SealcastNodeCloned: [{ name: 'attic', id: 'a', instance: 'm', job: 'sealcast' }, 'A second machine poses as attic.'],
  SealcastDiskFull: [{ mountpoint: '/', id: 'a', instance: 'm', job: 'sealcast' }, '/ of node a is almost full.'],
} as const;

// scripts/test installs it where it may, and says so where it can't; with CI=true its absence is a failure.
const isHere = existsSync('/usr/bin/promtool') || process.env['CI'] === 'true';

describe.runIf(isHere)('the alerts of docs/monitoring.md', () => {
  test('are those that are tried here', () => {
    expect([...alertRules().matchAll(/- alert: (\w+)/g)].map(([, name]) => name)).toEqual(Object.keys(alerts));
  });

  test.each([
    ['are silent where all is well', 0],
    ['tell each what it is for, where nothing is', 1],
  ] as const)('%s', async (_, index) => {
    const folder = await mkdtemp(join(tmpdir(), 'sealcast-alerts-'));
    await writeFile(join(folder, 'rules.yml'), alertRules());
    const input_series = Object.entries(series).map(([name, values]) => ({
      series: name,
      values: `${values[index]}x30`,
    }));
    const alert_rule_test = Object.entries(alerts).map(([alertname, [exp_labels, summary]]) => ({
      alertname,
      eval_time: '30m',
      exp_alerts: index === 0 ? [] : [{ exp_labels, exp_annotations: { summary } }],
    }));
    const tests = [{ interval: '1m', input_series, alert_rule_test }];
    // JSON is YAML.
    await writeFile(join(folder, 'tests.yml'), JSON.stringify({ rule_files: ['rules.yml'], tests }));
    const { status, stdout, stderr } = spawnSync('promtool', ['test', 'rules', join(folder, 'tests.yml')], {
      encoding: 'utf8',
    });
    expect([status, stdout, stderr]).toEqual([0, expect.stringContaining('SUCCESS'), '']);
    await rm(folder, { recursive: true });
  });
});
