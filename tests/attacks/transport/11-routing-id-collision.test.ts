// ROUTER and REP tell peers apart by routing ids, which a peer chooses: who takes another's gets its answers, or its place. The attacker
// looks for one of them behind every port that is open. He has joined, and has the keys of a node.
import { parseHop } from '@sealcast/channel/hop-line';
import { encodeZ85 } from '@sealcast/channel/z85';
import { expect, test } from 'vitest';
import { masterLine, RelayProcess } from '../../stack/relay-process.ts';
import { AttackedMaster, type Keys } from './attacked-master.ts';
import { CurveClient } from './curve-client.ts';
import { listeningPorts } from './listening-ports.ts';

// Each side of every pattern there is (ZeroMQ RFC 28 to 31).
const types = ['REQ', 'REP', 'DEALER', 'ROUTER', 'PAIR', 'PUSH', 'PULL', 'PUB', 'SUB', 'XPUB', 'XSUB'];

/** Which sockets are let in there, and what they say that they talk to. */
async function taken(port: number, serverKey: string, keys: Keys): Promise<Record<string, string>> {
  const answers: Record<string, string> = {};
  for (const type of types) {
    using client = await CurveClient.greeted(port, serverKey).catch(() => undefined);
    if (client === undefined) return answers;
    const answer = await client.shakes(keys, type);
    if (answer !== undefined) answers[type] = answer;
  }
  return answers;
}

interface Scan {
  publicPorts: number[];
  loopbackPorts: number[];
}

function scan(...pids: number[]): Scan {
  const all = pids.flatMap(listeningPorts);
  const sorted = (isLoopback: boolean) =>
    all
      .filter((one) => one.isLoopback === isLoopback)
      .map(({ port }) => port)
      .toSorted((a, b) => a - b);
  return { publicPorts: sorted(false), loopbackPorts: sorted(true) };
}

const pull = { PUSH: 'PULL' };
const publisher = (type: string) => ({ SUB: type, XSUB: type });

test('no ROUTER and no REP can be reached: behind the open ports of a master are PULL, PUB and its page alone', async () => {
  await using master = await AttackedMaster.start({ master: { mq_sub_host: '0.0.0.0' } });
  await master.join(1);
  const { ports, serverKey, stack } = master;
  const keys = master.keysOf(1);
  const page = Number(new URL(stack.url).port);
  const found = scan(stack.master.pid, master.transportPid);
  expect(found.publicPorts).toEqual(Object.values(ports).toSorted((a, b) => a - b));
  expect(await taken(ports.dataIn, serverKey, keys)).toEqual(pull);
  expect(await taken(ports.joinIn, serverKey, keys)).toEqual(pull);
  expect(await taken(ports.dataOut, serverKey, keys)).toEqual(publisher('PUB'));
  expect(await taken(ports.joinOut, serverKey, keys)).toEqual(publisher('PUB'));
  // libzmq's own four are this machine's alone, and let nobody in who does not come by the front.
  expect(found.loopbackPorts).toHaveLength(5);
  expect(found.loopbackPorts).toContain(page);
  for (const port of found.loopbackPorts.filter((one) => one !== page))
    expect(await taken(port, serverKey, keys)).toEqual({});
  await master.confirms(1, 'still here');
});

test('nor at a relay, where they are PULL and XPUB', async () => {
  await using master = await AttackedMaster.start();
  await using relay = await RelayProcess.start(await masterLine(master.admin), { mq_sub_host: '0.0.0.0' });
  const hop = parseHop(await relay.line());
  await master.join(1);
  const keys = master.keysOf(1);
  const serverKey = encodeZ85(hop.curve);
  const found = scan(relay.process.pid);
  expect(found.publicPorts).toEqual([...hop.data, ...hop.join].toSorted((a, b) => a - b));
  expect(await taken(hop.data[0], serverKey, keys)).toEqual(pull);
  expect(await taken(hop.join[0], serverKey, keys)).toEqual(pull);
  expect(await taken(hop.data[1], serverKey, keys)).toEqual(publisher('XPUB'));
  expect(await taken(hop.join[1], serverKey, keys)).toEqual(publisher('XPUB'));
  expect(found.loopbackPorts).toHaveLength(4);
  for (const port of found.loopbackPorts) expect(await taken(port, serverKey, keys)).toEqual({});
});

test('two nodes that choose the same routing id are both heard', async () => {
  await using master = await AttackedMaster.start();
  await master.join(1);
  const twins: CurveClient[] = [];
  for (let count = 0; count < 2; count += 1) {
    const twin = await CurveClient.greeted(master.ports.dataIn, master.serverKey);
    expect(await twin.shakes(master.keysOf(1), 'PUSH', 'the same')).toBe('PULL');
    twins.push(twin);
  }
  for (const twin of twins) await twin.say('no envelope');
  const refused = async () => (await master.refusals()).counts['frame.length'];
  await expect.poll(refused, { timeout: 20_000, interval: 200 }).toBe(2);
  for (const twin of twins) twin[Symbol.dispose]();
  await master.confirms(1, 'still here');
});
