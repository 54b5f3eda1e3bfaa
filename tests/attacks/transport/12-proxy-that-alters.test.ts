// The attacker is a middle on the line itself, below ZeroMQ: a switch, a provider, a proxy. He flips bits, repeats bytes, leaves some out
// and cuts. Under CURVE nothing of it comes as far as the seal; under NULL the seal alone stands against him.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { heartbeatIntervalMs, heartbeatTimeoutMs } from '@sealcast/channel/constants';
import { parseInvite } from '@sealcast/channel/invite';
import { expect, test } from 'vitest';
import { TestLink } from '../../stack/wire.ts';
import { AttackedMaster } from './attacked-master.ts';
import { type Line, TcpProxy } from './tcp-proxy.ts';

// A SUB that meets what it can't open stays silent until its heartbeat is not answered; a connection is tried again within 5 s.
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

/** Milliseconds until the node has reported what it harvested from now on. */
async function recovered(master: AttackedMaster): Promise<number> {
  const at = performance.now();
  const count = async () => {
    const [node] = await master.admin.nodes();
    return node?.lastSeen ?? 0;
  };
  const before = Date.now();
  await expect.poll(count, { timeout: recoveryMs + 10_000, interval: 200 }).toBeGreaterThan(before);
  await master.confirms(1, 'after that');
  return performance.now() - at;
}

interface Middle {
  name: string;
  change: Change;
  proxy: TcpProxy;
  node: TestLink;
}

/** A node with init's invite of that number, behind a proxy of its own. */
async function behindProxy(master: AttackedMaster, invite: number, [name, change]: [string, Change]): Promise<Middle> {
  const text = await readFile(join(master.stack.folder, 'nodes', `invite-${invite}`), 'utf8');
  const proxy = await TcpProxy.start(master.ports);
  const { dataIn, dataOut, joinIn, joinOut } = proxy.ports;
  const node = new TestLink({ ...parseInvite(text), data: [dataIn, dataOut], join: [joinIn, joinOut] }, {});
  await node.open();
  return { name, change, proxy, node };
}

/** One change on the way; what is altered ends the connection. Milliseconds until it is closed, and until a report is answered again. */
async function alterOnce({ name, change, proxy, node }: Middle, direction: 'up' | 'down') {
  const changing = changeOne(proxy, direction, change);
  const traffic = setInterval(() => node.report(), 200);
  const line = await changing;
  const at = performance.now();
  await line.closed;
  const closedMs = Math.round(performance.now() - at);
  clearInterval(traffic);
  await node.answered();
  return { name, direction, closedMs, answeredMs: Math.round(performance.now() - at) };
}

// Not part of a run until it is found why the recovery of all these middles at once sometimes takes longer than its limit:
// ATTACK_12=true runs it.
test.runIf(process.env['ATTACK_12'] === 'true')(
  'a proxy that flips bits, repeats, leaves out, puts in and cuts: CURVE refuses what was altered, and the node recovers within the heartbeat’s time',
  async () => {
    const all = Object.entries(changes);
    await using master = await AttackedMaster.start({ invites: all.length + 1 });
    const middles = await Promise.all(all.map((one, index) => behindProxy(master, index + 1, one)));
    const before = await master.refusals();
    const took = await Promise.all(
      middles.map(async (middle) => [await alterOnce(middle, 'up'), await alterOnce(middle, 'down')]),
    );
    console.table(took.flat());
    expect(took.flat()).toHaveLength(2 * all.length);
    expect(Math.max(...took.flat().map(({ answeredMs }) => answeredMs))).toBeLessThan(recoveryMs);
    // The seal had nothing to refuse, on either side.
    const refused = middles.flatMap(({ node }) => node.heard.filter(({ type }) => type === 'refused'));
    expect(refused).toEqual([]);
    expect((await master.refusals()).counts).toEqual(before.counts);
    for (const { node, proxy } of middles) {
      expect(node.count('live')).toBe(1);
      await node.stop();
      await proxy[Symbol.asyncDispose]();
    }
    await master.join(all.length + 1);
  },
  patienceMs,
);

test(
  'under NULL the seal refuses it, and counts it',
  async () => {
    await using master = await AttackedMaster.start({ master: { report_interval: '1', mq_mechanism: 'null' } });
    expect(master.stack.master.lines.find(({ msg }) => msg?.includes('the seal alone protects'))?.level).toBe('warn');
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
function refusedByNode(master: AttackedMaster): unknown[] {
  const lines = master.stack.nodes.get('node-1')?.lines ?? [];
  return lines.filter(({ msg }) => msg === 'a frame was refused').map(({ code }) => code);
}
