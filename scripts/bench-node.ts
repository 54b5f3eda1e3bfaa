// What a node takes of its machine while it reports to a master: the bundled one, as a process of its own.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { part } from './bench-part.ts';
import { DemoFleet } from './demo-fleet.ts';

const name = 'bench-1';
const startMs = 60_000;
/** After the join and the first samples. */
const settleMs = 10_000 * part;
const watchMs = 40_000 * part;

export interface NodeFigures {
  seconds: number;
  /** samples that the master has got meanwhile */
  reports: number;
  /** share of one core */
  cpuPercent: number;
  /** bytes, at the end */
  resident: number;
  /** of those, what the node has written itself, and no other process shares */
  privateWritten: number;
  /** all that no other process shares: those, what is swapped out of them, and the pages of files that it alone maps */
  privateInAll: number;
}

export async function nodeFigures(): Promise<NodeFigures> {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-bench-'));
  try {
    await using fleet = await DemoFleet.at(folder, 0);
    const figures = await Promise.race([watch(fleet), fleet.failure]);
    await fleet.stop();
    return figures;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function watch(fleet: DemoFleet): Promise<NodeFigures> {
  await fleet.init(1);
  await fleet.startMaster();
  await fleet.client.signIn(fleet.admin.name, fleet.admin.password);
  const reporting = fleet.client.untilNodes(
    (nodes) => nodes.some(({ state, sample }) => state === 'alive' && sample !== null),
    AbortSignal.timeout(startMs),
  );
  const node = fleet.startNode(name, 1);
  await reporting;
  await pause(settleMs);
  const before = { at: performance.now(), ticks: cpuTicks(node.pid), reports: await newest(fleet) };
  await pause(watchMs);
  const after = { at: performance.now(), ticks: cpuTicks(node.pid), reports: await newest(fleet) };
  const seconds = (after.at - before.at) / 1000;
  const cpuSeconds = (after.ticks - before.ticks) / ticksPerSecond();
  return {
    seconds,
    reports: after.reports - before.reports,
    cpuPercent: (cpuSeconds / seconds) * 100,
    ...memory(node.pid),
  };
}

/** The number of the last sample that the master holds. */
async function newest(fleet: DemoFleet): Promise<number> {
  const [node] = await fleet.client.nodes();
  return node?.sample?.number ?? 0;
}

/** proc(5), /proc/PID/stat: user and system time. The name, in brackets, may hold spaces. */
function cpuTicks(pid: number | undefined): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ') ?? [];
  return Number(fields[11]) + Number(fields[12]);
}

function ticksPerSecond(): number {
  return Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
}

/** proc(5), /proc/PID/smaps_rollup. */
function memory(pid: number | undefined): Pick<NodeFigures, 'resident' | 'privateWritten' | 'privateInAll'> {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
  const bytes = (field: string): number => {
    const kilobytes = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(rollup)?.[1];
    if (kilobytes === undefined) throw new Error(`/proc/${pid}/smaps_rollup has no ${field}`);
    return Number(kilobytes) * 1024;
  };
  return {
    resident: bytes('Rss'),
    privateWritten: bytes('Private_Dirty'),
    privateInAll: bytes('Private_Dirty') + bytes('Private_Clean') + bytes('Swap'),
  };
}
