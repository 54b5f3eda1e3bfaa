// Charts: the samples of a stretch of time in equal slices, one point a slice that holds any.
import type { DatabaseSync } from 'node:sqlite';
import type { History } from '../fleet/views.ts';
import { chartColumns } from './chart-columns.ts';
import { integer, realOrNull } from './row.ts';

export function historyReader(database: DatabaseSync) {
  const key = database.prepare('SELECT key FROM nodes WHERE id = ?');
  const slices = database.prepare(
    `SELECT CAST(avg(at) AS INTEGER) AS at, ${chartColumns.map(({ name, merge }) => `${merge}(${name}) AS ${name}`).join(', ')}
     FROM samples WHERE node = ?1 AND at >= ?2 AND at < ?3 GROUP BY CAST((at - ?2) / ?4 AS INTEGER) ORDER BY 1`,
  );

  return (id: string, fromMs: number, toMs: number, maxPoints: number): History => {
    const history = emptyHistory();
    const node = key.get(id);
    if (node === undefined || toMs <= fromMs || maxPoints < 1) return history;
    const sliceMs = Math.max(1, Math.ceil((toMs - fromMs) / maxPoints));
    for (const row of slices.iterate(integer(node, 'key'), fromMs, toMs, sliceMs)) {
      history.at.push(integer(row, 'at'));
      for (const { name } of chartColumns) history[name].push(realOrNull(row, name));
    }
    return history;
  };
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
