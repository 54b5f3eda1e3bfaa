// The attacker is a middle on the line itself, below ZeroMQ: a switch, a provider, a proxy. He flips bits, repeats bytes, leaves some out
// and cuts. Under CURVE nothing of it comes as far as the seal; under NULL the seal alone stands against him.
import { heartbeatIntervalMs, heartbeatTimeoutMs } from '@sealcast/channel/constants';
import { expect, test } from 'vitest';
import { AttackedMaster } from './attacked-master.ts';
import { type Line, TcpProxy } from './tcp-proxy.ts';

// A SUB that meets what it can't open stays silent until its heartbeat is not answered, or closes and does not connect again; a node
// whose reports are not answered joins anew, and is tried again within 5 s.
const recoveryMs = heartbeatIntervalMs + heartbeatTimeoutMs + 5000;
/** Heartbeats are waited for twice. */
const patienceMs = 240_000;

type Change = (chunk: Buffer) => Buffer[] | undefined;

/** In a frame of data it is under the tag, or is the tag. */
const flipLast: Change = (chunk) => {
  const copy = Buffer.from(chunk);
  copy[copy.length - 1] = (copy[copy.length - 1] ?? 0) ^ 0x10;
  return [copy];
};
const changes: Record<string, Change> = {
  'flips a bit': flipLast,
  'repeats bytes': (chunk) => [chunk, chunk],
  'leaves bytes out': (chunk) => [chunk.subarray(0, chunk.length - 40)],
  'puts bytes in': (chunk) => [chunk.subarray(0, 30), Buffer.alloc(40, 7), chunk.subarray(30)],
  'turns bytes around': (chunk) => [Buffer.from(chunk.toReversed())],
  'cuts in the middle of a frame': () => undefined,
};

/** Changes one chunk of a session, that is large enough to be one of a report or its answer; resolves with its line. */
async function changeOne(proxy: TcpProxy, direction: 'up' | 'down', change: Change): Promise<Line> {
  const { promise, resolve } = Promise.withResolvers<Line>();
  const port = direction === 'up' ? 'dataIn' : 'dataOut';
  proxy.meddle = (chunk, way, line) => {
    if (way !== direction || line.port !== port || line[direction] < 400 || chunk.length < 90) return [chunk];
    proxy.meddle = (one) => [one];
    resolve(line);
    return change(chunk);
  };
  return await promise;
}

/** Milliseconds until the node of that invite has reported what it harvested from now on, and does what it is told. */
async function recovered(master: AttackedMaster, invite = 1): Promise<number> {
  const at = performance.now();
  const id = master.idOf(invite);
  const lastSeen = async () => (await master.admin.nodes()).find((node) => node.id === id)?.lastSeen ?? 0;
  const before = Date.now();
  await expect.poll(lastSeen, { timeout: recoveryMs + 10_000, interval: 200 }).toBeGreaterThan(before);
  await master.confirms(invite, 'after that');
  return performance.now() - at;
}

test(
  'a proxy that flips bits, repeats, leaves out, puts in and cuts: CURVE refuses what was altered, and the node recovers within the heartbeat’s time',
  async () => {
    const all = Object.entries(changes);
    await using master = await AttackedMaster.start({ invites: all.length + 1, master: { report_interval: '1' } });
    await using proxies = new AsyncDisposableStack();
    const middles: { name: string; change: Change; invite: number; proxy: TcpProxy }[] = [];
    for (const [index, [name, change]] of all.entries()) {
      const proxy = proxies.use(await TcpProxy.start(master.ports));
      await master.join(index + 1, proxy.env);
      middles.push({ name, change, invite: index + 1, proxy });
    }
    const before = await master.refusals();
    const took = await Promise.all(
      middles.map(async ({ name, change, invite, proxy }) => {
        const hit = async (direction: 'up' | 'down') => {
          const line = await changeOne(proxy, direction, change);
          const at = performance.now();
          await line.closed;
          const closedMs = Math.round(performance.now() - at);
          await recovered(master, invite);
          return { name, direction, closedMs, recoveredMs: Math.round(performance.now() - at) };
        };
        return [await hit('up'), await hit('down')];
      }),
    );
    console.table(took.flat());
    expect(took.flat()).toHaveLength(2 * all.length);
    expect(Math.max(...took.flat().map(({ recoveredMs }) => recoveredMs))).toBeLessThan(recoveryMs);
    // The seal had nothing to refuse, on either side.
    for (const { invite } of middles) expect(refusedByNode(master, invite)).toEqual([]);
    expect((await master.refusals()).counts).toEqual(before.counts);
    await master.join(all.length + 1);
  },
  patienceMs,
);

test(
  'under NULL the seal refuses it, and counts it',
  async () => {
    await using master = await AttackedMaster.start({ master: { report_interval: '1', mq_mechanism: 'null' } });
    expect(master.stack.master.lines.find(({ msg }) => msg?.startsWith('mq_mechanism is null: '))?.level).toBe('warn');
    await using proxy = await TcpProxy.start(master.ports);
    await master.join(1, proxy.env);
    const took: Record<string, number> = {};
    const hit = async (name: string, direction: 'up' | 'down', change: Change) => {
      await changeOne(proxy, direction, change);
      took[`${name}, ${direction}`] = Math.round(await recovered(master));
    };
    const count = async (code: string) => (await master.refusals()).counts[code] ?? 0;
    await hit('flips a bit', 'up', flipLast);
    expect(await count('seal.open')).toBe(1);
    await hit('repeats bytes', 'up', (chunk) => [chunk, chunk]);
    expect(await count('sequence.replayed')).toBe(1);
    expect(refusedByNode(master)).toEqual([]);
    await hit('flips a bit', 'down', flipLast);
    expect(refusedByNode(master)).toEqual(['seal.open']);
    await hit('repeats bytes', 'down', (chunk) => [chunk, chunk]);
    expect(refusedByNode(master)).toEqual(['seal.open', 'sequence.replayed']);
    await hit('puts bytes in', 'up', changes['puts bytes in'] ?? flipLast);
    await hit('cuts in the middle of a frame', 'down', () => undefined);
    console.log('recovered under null, in ms:', took);
    expect(Math.max(...Object.values(took))).toBeLessThan(recoveryMs);
    // Whatever was delivered meanwhile was what the node had harvested and the operator had said, each once.
    const orders = await master.admin.commands();
    expect(orders.flatMap(({ receipts }) => receipts.map(({ outcome }) => outcome))).toEqual(orders.map(() => 'done'));
  },
  patienceMs,
);

/** The codes that the node has counted. */
function refusedByNode(master: AttackedMaster, invite = 1): unknown[] {
  const lines = master.stack.nodes.get(`node-${invite}`)?.lines ?? [];
  return lines.filter(({ msg }) => msg === 'a frame was refused').map(({ code }) => code);
}
