import { Registry } from '@prometheus-io/client';
import { expect, test } from 'vitest';
import type { NodeView } from '@sealcast/master/fleet/views';
import { nodeMetrics } from '@sealcast/master/metrics/node-metrics';
import { nodeView } from '../http/fake-fleet.ts';
import { facts, sample } from '../sample.ts';

const id = 'a'.repeat(32);
const nowMs = 10_000;

/** The lines of the nodes' values, without those about them. */
async function linesOf(nodes: NodeView[]): Promise<string[]> {
  const registry = new Registry();
  nodeMetrics(registry)(nodes, nowMs);
  return (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
}

const whole = sample(7, 8000, {
  uptime: 60,
  cpu: 12.5,
  load: [1, 2, 3],
  memory: { total: 1000, available: 400 },
  swap: { total: 200, free: 100 },
  disks: [{ mount: '/', device: 'sda1', type: 'ext4', total: 50, free: 20 }],
  io: [{ device: 'sda', read: 1, written: 2, busy: 33.3 }],
  interfaces: [{ name: 'eth0', received: 3, sent: 4 }],
  temperatures: [{ name: 'cpu', celsius: 45.5 }],
});

test('a node that is alive is told whole, in base units', async () => {
  const node = nodeView({ sample: whole, lastSeen: 9000, joinedAt: 500, interval: 5 });
  const { os, kernel, arch, version, model } = facts;
  expect(await linesOf([node])).toEqual([
    `sealcast_node_info{id="${id}",name="pi",os="${os}",kernel="${kernel}",arch="${arch}",version="${version}",model="${model}"} 1`,
    `sealcast_node_up{id="${id}"} 1`,
    `sealcast_node_cloned{id="${id}"} 0`,
    `sealcast_node_joined_timestamp_seconds{id="${id}"} 0.5`,
    `sealcast_node_seen_timestamp_seconds{id="${id}"} 9`,
    `sealcast_node_report_age_seconds{id="${id}"} 2`,
    `sealcast_node_report_interval_seconds{id="${id}"} 5`,
    `sealcast_node_uptime_seconds{id="${id}"} 60`,
    `sealcast_node_cpu_busy_ratio{id="${id}"} 0.125`,
    `sealcast_node_cpu_threads{id="${id}"} ${facts.cpu.threads}`,
    `sealcast_node_load1{id="${id}"} 1`,
    `sealcast_node_load5{id="${id}"} 2`,
    `sealcast_node_load15{id="${id}"} 3`,
    `sealcast_node_memory_bytes{id="${id}"} 1000`,
    `sealcast_node_memory_available_bytes{id="${id}"} 400`,
    `sealcast_node_swap_bytes{id="${id}"} 200`,
    `sealcast_node_swap_free_bytes{id="${id}"} 100`,
    `sealcast_node_filesystem_bytes{id="${id}",mountpoint="/",device="sda1",fstype="ext4"} 50`,
    `sealcast_node_filesystem_free_bytes{id="${id}",mountpoint="/",device="sda1",fstype="ext4"} 20`,
    `sealcast_node_disk_read_bytes_per_second{id="${id}",device="sda"} 1`,
    `sealcast_node_disk_written_bytes_per_second{id="${id}",device="sda"} 2`,
    `sealcast_node_disk_busy_ratio{id="${id}",device="sda"} 0.333`,
    `sealcast_node_network_received_bytes_per_second{id="${id}",interface="eth0"} 3`,
    `sealcast_node_network_sent_bytes_per_second{id="${id}",interface="eth0"} 4`,
    `sealcast_node_temperature_celsius{id="${id}",sensor="cpu"} 45.5`,
  ]);
});

test('of a node that is away, nothing is told that was true once', async () => {
  const lines = await linesOf([nodeView({ state: 'away', sample: whole })]);
  expect(lines.map((line) => line.slice('sealcast_node_'.length, line.indexOf('{')))).toEqual([
    'info',
    'up',
    'cloned',
    'joined_timestamp_seconds',
    'seen_timestamp_seconds',
    'report_age_seconds',
    'report_interval_seconds',
  ]);
  expect(lines).toContain(`sealcast_node_up{id="${id}"} 0`);
});

test('a node that has said nothing yet is told of by what the roster knows', async () => {
  const node = nodeView({ state: 'never', facts: null, sample: null, lastSeen: null, cloned: { since: 1, tries: 2 } });
  expect(await linesOf([node])).toEqual([
    `sealcast_node_info{id="${id}",name="pi",os="",kernel="",arch="",version="",model=""} 1`,
    `sealcast_node_up{id="${id}"} 0`,
    `sealcast_node_cloned{id="${id}"} 1`,
    `sealcast_node_joined_timestamp_seconds{id="${id}"} 0.5`,
    `sealcast_node_report_interval_seconds{id="${id}"} 5`,
  ]);
});

test('a node that has gone is told of no more', async () => {
  const registry = new Registry();
  const set = nodeMetrics(registry);
  set([nodeView(), nodeView({ id: 'b'.repeat(32) })], nowMs);
  expect(await registry.metrics()).toContain('b'.repeat(32));
  set([nodeView()], nowMs);
  expect(await registry.metrics()).not.toContain('b'.repeat(32));
});

test('what a node calls its parts stays inside its quotation marks, and what it says twice is told once', async () => {
  const mount = '/"} 1\\n"\\';
  const disk = { mount, device: 'a', type: 'b', total: 2, free: 1 };
  const lines = await linesOf([nodeView({ sample: sample(1, 2000, { disks: [disk, disk, { ...disk, total: 3 }] }) })]);
  const told = lines.filter((line) => line.startsWith('sealcast_node_filesystem_bytes'));
  const written = String.raw`/\"} 1\\n\"\\`;
  expect(told).toEqual([`sealcast_node_filesystem_bytes{id="${id}",mountpoint="${written}",device="a",fstype="b"} 3`]);
});

test('a node that names parts without end is told of as far as 32 of each kind', async () => {
  const temperatures = Array.from({ length: 64 }, (_, index) => ({ name: `t${index}`, celsius: 1 }));
  const lines = await linesOf([nodeView({ sample: sample(1, 2000, { temperatures }) })]);
  expect(lines.filter((line) => line.startsWith('sealcast_node_temperature_celsius'))).toHaveLength(32);
});
