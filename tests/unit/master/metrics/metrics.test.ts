import { expect, test, vi } from 'vitest';
import { Metrics } from '@sealcast/master/metrics/metrics';
import { nodeView } from '../http/fake-fleet.ts';
import { figures } from './figures.ts';

function metricsOf(made: () => void = () => undefined) {
  return new Metrics({
    nodes: () => {
      made();
      return [nodeView(), nodeView({ id: 'b'.repeat(32), state: 'away' })];
    },
    figures: () => figures,
    now: () => 3000,
  });
}

test('the master tells what it refuses, holds and waits for, and how it is itself', async () => {
  const text = await metricsOf().text();
  for (const line of [
    'sealcast_nodes{state="alive"} 1',
    'sealcast_nodes{state="away"} 1',
    'sealcast_nodes{state="never"} 0',
    'sealcast_sessions 5',
    'sealcast_frames_refused_total{code="seal.open"} 3',
    'sealcast_frames_refused_total{code="join.invite"} 0',
    'sealcast_connections_cut_total{reason="cut.denied"} 2',
    'sealcast_joins_total{kind="new"} 1',
    'sealcast_joins_total{kind="known"} 4',
    'sealcast_commands_total{action="text",to="everyone"} 6',
    'sealcast_queue_length{queue="reports"} 7',
    'sealcast_queue_length{queue="joins"} 8',
    'sealcast_queue_length{queue="outgoing"} 9',
    'sealcast_queue_length{queue="receipts"} 10',
    'sealcast_transport_up 1',
    'sealcast_transport_restarts_total 11',
    'sealcast_event_streams 12',
    'sealcast_store_bytes 13',
  ])
    expect(text).toContain(`\n${line}\n`);
  for (const name of ['sealcast_build_info', 'process_resident_memory_bytes', 'nodejs_eventloop_lag_seconds'])
    expect(text).toMatch(new RegExp(`^${name}`, 'm'));
});

test('what was made is told again for a second, and longer where making it took longer', async () => {
  let made = 0;
  let clock = 0;
  let costs = 10;
  using _ = vi.spyOn(performance, 'now').mockImplementation(() => clock);
  const metrics = metricsOf(() => {
    made += 1;
    clock += costs;
  });
  const [first, same] = await Promise.all([metrics.text(), metrics.text()]);
  expect(same).toBe(first);
  clock = 10 + 999;
  await metrics.text();
  expect(made).toBe(1);
  clock = 10 + 1000;
  costs = 500;
  await metrics.text();
  expect(made).toBe(2);
  clock = 1510 + 4499;
  await metrics.text();
  expect(made).toBe(2);
  clock = 1510 + 4500;
  await metrics.text();
  expect(made).toBe(3);
});

test('what could not be made is tried again, and not at once', async () => {
  let clock = 0;
  using _ = vi.spyOn(performance, 'now').mockImplementation(() => clock);
  let tries = 0;
  const metrics = metricsOf(() => {
    tries += 1;
    if (tries === 1) throw new Error('disk I/O error');
  });
  await expect(metrics.text()).rejects.toThrow('disk I/O error');
  await expect(metrics.text()).rejects.toThrow('disk I/O error');
  expect(tries).toBe(1);
  clock = 1000;
  expect(await metrics.text()).toContain('sealcast_nodes');
});
