// Charts: the samples of a stretch of time in equal slices, one point a slice that holds any.
import type { DatabaseSync } from 'node:sqlite';
import { awayMs } from '@sealcast/channel/constants';
import type { History } from '../fleet/views.ts';
import { chartColumns, type ChartValue } from './chart-columns.ts';
import { integer, realOrNull } from './row.ts';

/** Intervals, or slices, without a sample that a line is not drawn over. */
const gapIntervals = 3;

export function historyReader(database: DatabaseSync) {
  const interval = database.prepare('SELECT key, interval_seconds FROM nodes WHERE id = ?');
  const slices = database.prepare(
    `SELECT CAST(avg(at) AS INTEGER) AS at, ${chartColumns.map(({ name, merge }) => `${merge}(${name}) AS ${name}`).join(', ')}
     FROM samples WHERE node = ?1 AND at >= ?2 AND at < ?3 GROUP BY CAST((at - ?2) / ?4 AS INTEGER) ORDER BY 1`,
  );

  return (id: string, fromMs: number, toMs: number, maxPoints: number): History => {
    const history = emptyHistory();
    const node = interval.get(id);
    if (node === undefined || toMs <= fromMs || maxPoints < 1) return history;
    const sliceMs = Math.max(1, Math.ceil((toMs - fromMs) / maxPoints));
    const gapMs = Math.max(awayMs, gapIntervals * Math.max(sliceMs, integer(node, 'interval_seconds') * 1000));
    let before = Number.POSITIVE_INFINITY;
    for (const row of slices.iterate(integer(node, 'key'), fromMs, toMs, sliceMs)) {
      const at = integer(row, 'at');
      if (at - before > gapMs) push(history, Math.round((before + at) / 2), () => null);
      push(history, at, (name) => realOrNull(row, name));
      before = at;
    }
    return history;
  };
}

function push(history: History, at: number, value: (name: (typeof chartColumns)[number]['name']) => ChartValue): void {
  history.at.push(at);
  for (const { name } of chartColumns) history[name].push(value(name));
}

function emptyHistory(): History {
  return {
    at: [],
    cpu: [],
    memory: [],
    swap: [],
    disk: [],
    received: [],
    sent: [],
    read: [],
    written: [],
    temperature: [],
    load: [],
  };
}
