// The attacker reads whatever he gets hold of: what goes over the wire, logs at their most talkative, what processes were started with,
// their memory, the page and its answers, disks, complaints about wrong settings, and what is shipped. Each place is one where the
// search is shown to find what does stand there. Images and what the engine tells of containers: tests/containers/fleet.test.ts,
// init.test.ts, capture.test.ts and relay.test.ts.
import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { ServiceProcess } from '../../stack/service-process.ts';
import { kinds } from '../../twin/envelope.ts';
import { childrenOf, memoryOf, startedWith } from './process-memory.ts';
import { filesBelow, foundIn, nameOf, type Secret, textSecret } from './secrets.ts';
import { names, type WholeRun, wholeRun } from './whole-run.ts';

const patient = { timeout: 240_000 };
const dist = join(import.meta.dirname, '../../../dist');
let run: WholeRun;
/** All of them. */
let secrets: Secret[];

beforeAll(async () => {
  run = await wholeRun();
  secrets = [...Object.values(run.secrets).flat(), ...run.epochKeys];
  return async () => await run[Symbol.asyncDispose]();
}, patient.timeout);

function transportPid(): number {
  const [pid] = childrenOf(run.stack.master.pid);
  if (pid === undefined) throw new Error('the transport has no process');
  return pid;
}

/** Every form of every secret is found where it stands, so that what is not found does not stand there. */
function expectFindable(all: Secret[]): void {
  for (const secret of all)
    for (const form of [...secret.plain, ...secret.encoded]) {
      expect(form.length).toBeGreaterThanOrEqual(8);
      expect(foundIn([secret], Buffer.concat([Buffer.from('…'), form, Buffer.from('…')]))).toEqual([secret.name]);
    }
}

test('no secret is on the wire, in a log, in a memory where it has no business, on the page, on a disk or in what is shipped', () => {
  expect(secrets.length).toBeGreaterThan(30);
  expect(new Set(secrets.map(nameOf)).size).toBe(secrets.length);
  expectFindable([...secrets, ...run.said]);
});

test('the capture of every hop holds no secret, no text, no name and no id', () => {
  const { wire, web, said, cookie } = run;
  const flows = wire.flatMap((proxy) => proxy.flows);
  // Both ways of the four ports: to the master from two nodes, a member and a relay, and to the relay from a node.
  expect(flows.filter((flow) => flow.includes('CURVE')).length).toBeGreaterThanOrEqual(5 * 4 * 2);
  expect(foundIn([...secrets, ...said], ...flows)).toEqual([]);
  // The same search, where nothing is sealed.
  const inTheClear = foundIn([...secrets, ...said], ...web.flows);
  for (const name of ['the password', 'a cookie', 'line 3', ...said.map(nameOf)])
    expect([name, inTheClear]).toEqual([name, expect.arrayContaining([name])]);
  expect(cookie.length).toBeGreaterThan(40);
});

test('what a relay sees of each frame holds no secret, no text, no name and no id', () => {
  const { middle, said } = run;
  const frames = middle.recorded.map(({ frame }) => frame);
  for (const kind of [kinds.HELLO, kinds.WELCOME, kinds.FACTS, kinds.REPORT, kinds.RECEIPT, kinds.BROADCAST])
    expect(frames.some((frame) => frame[2] === kind)).toBe(true);
  expect(foundIn([...secrets, ...said], ...frames, ...middle.recorded.map(({ topic }) => topic))).toEqual([]);
});

test('no log holds a secret, at level trace; that of a relay knows nobody', () => {
  const { stack, relay, said } = run;
  const logs = [stack.master, relay.process, ...stack.nodes.values()].map((one) => one.text);
  expect(logs.every((log) => log.length > 100)).toBe(true);
  expect(foundIn(secrets, ...logs)).toEqual([]);
  const [textSaid] = said;
  if (textSaid === undefined) throw new Error('a text was said');
  // A node is ordered to show it.
  for (const node of stack.nodes.values()) expect(foundIn([textSaid], node.text)).toEqual(['the text']);
  expect(foundIn([textSaid], stack.master.text)).toEqual([]);
  expect(foundIn(said, relay.process.text)).toEqual([]);
  expect(foundIn(said, stack.master.text).length).toBeGreaterThan(0);
});

test('no process was started with a secret, but for a node whose operator wrote its invite into the environment', () => {
  const { stack, relay } = run;
  const of = (name: string) => startedWith(stack.nodes.get(name)?.pid ?? 0);
  const others = [stack.master.pid, transportPid(), relay.process.pid].map(startedWith);
  for (const bytes of others) expect(bytes.length).toBeGreaterThan(20);
  expect(foundIn(secrets, ...others, of(names.near), of(names.far))).toEqual([]);
  expect(foundIn(secrets, of(names.lined))).toEqual(['line 2']);
});

/** The names of those that stand in the memory of a process, as programs hold them. */
function inMemory(pid: number, all: Secret[]): string[] {
  const found = new Set<Secret>();
  const longest = Math.max(...all.flatMap(({ plain }) => plain.map((form) => form.length)));
  for (const piece of memoryOf(pid, longest))
    for (const secret of all)
      if (!found.has(secret) && secret.plain.some((form) => piece.includes(form))) found.add(secret);
  return all.filter((secret) => found.has(secret)).map(nameOf);
}

test("a relay's memory holds its own keys, and nothing of anybody else", patient, () => {
  const { relay, ...others } = run.secrets;
  const all = [...relay, ...Object.values(others).flat(), ...run.epochKeys, ...run.said];
  expect(inMemory(run.relay.process.pid, all)).toEqual(relay.map(nameOf));
});

test("the memory of the transport's process holds the key of the hop, and no other", patient, () => {
  const { curve, ...others } = run.secrets;
  const all = [...curve, ...Object.values(others).flat(), ...run.epochKeys, ...run.said];
  expect(inMemory(transportPid(), all)).toEqual(curve.map(nameOf));
});

test(
  "a node's memory holds its own keys and what was said to it, and no key of the master or of another node",
  patient,
  () => {
    const { near, invites, ...others } = run.secrets;
    const [said] = run.said;
    const ofOthers = invites.filter(({ name }) => !name.endsWith(' 0'));
    const strangers = run.said.filter(({ name }) => !name.includes(names.near) && name !== 'the text');
    const all = [...near.slice(1), ...(said ? [said] : []), ...Object.values(others).flat(), ...ofOthers, ...strangers];
    expect(inMemory(run.stack.nodes.get(names.near)?.pid ?? 0, all)).toEqual(['the CURVE secret of near', 'the text']);
  },
);

test('no answer of the API holds a secret, and none without a session a name, an id or a text', async () => {
  const { stack, admin, cookie, said, nodes } = run;
  const paths = ['', 'nodes', 'commands', 'invites', 'relays', 'refusals', 'status', 'session', 'health', 'unheard-of'];
  const all = ['/', ...paths.map((path) => `/api/${path}`), `/api/nodes/${nodes[0]?.id}/history?minutes=60`];
  const ask = async (headers: Record<string, string>) => {
    const answers: string[] = [];
    for (const path of all) {
      const response = await fetch(`${stack.url}${path}`, { headers });
      answers.push(JSON.stringify([...response.headers]) + (await response.text()));
    }
    return answers;
  };
  const signedIn = await ask({ cookie });
  expect(foundIn(secrets, ...signedIn)).toEqual([]);
  // Where they belong.
  expect(foundIn(said, ...signedIn)).toEqual(said.map(nameOf));
  expect(foundIn([...secrets, ...said], ...(await ask({})))).toEqual([]);
  const { invite } = await admin.post<{ invite: string }>('invites', { label: 'new', hours: 1 });
  expect(foundIn([textSecret('line', invite)], JSON.stringify(await admin.get('invites')))).toEqual([]);
});

test('the files of the page hold no secret', () => {
  const page = filesBelow(join(dist, 'dashboard'));
  expect(page.length).toBeGreaterThan(3);
  expect(foundIn([textSecret('its name', 'Sealcast')], ...page)).toEqual(['its name']);
  expect(foundIn([...secrets, ...run.said], ...page)).toEqual([]);
});

test("the master's disk holds no secret beside its keys, and a node's none beside its identity", async () => {
  const { stack, said } = run;
  const database = () => filesBelow(join(stack.folder, 'data'));
  // As it runs, with what is not in the database's own file yet, and afterwards.
  expect(database().length).toBeGreaterThan(1);
  expect(foundIn(secrets, ...database())).toEqual(['the hash of the password']);
  // With its master away a node writes what it could not report.
  await stack.master.stop();
  const near = stack.nodes.get(names.near);
  await near?.says('the link to the master is lost', 60_000);
  await near?.stop();
  expect(foundIn(said, ...database())).toEqual(said.map(nameOf));
  expect(foundIn(secrets, ...database())).toEqual(['the hash of the password']);
  const state = stack.stateOf(names.near);
  expect(readdirSync(join(state, 'spool')).length).toBeGreaterThan(1);
  expect(foundIn(secrets, ...filesBelow(state))).toEqual(run.secrets.near.map(nameOf));
  expect(foundIn(secrets, ...filesBelow(state, ['identity.json']))).toEqual([]);
  // What nodes are given: invites, and of the keys the public ones.
  const given = foundIn(secrets, ...filesBelow(join(stack.folder, 'nodes')));
  expect(given).toEqual(['line 0', 'line 1', 'line 2']);
  const kept = foundIn(secrets, ...filesBelow(stack.keys));
  expect(kept).toEqual(expect.arrayContaining(['a line of transport.pem', 'a line of signing.pem', 'the password']));
});

test('no program that is set up wrongly quotes a secret', patient, async () => {
  const { stack, relay, lines } = run;
  const [line = ''] = lines;
  const damaged = `${line.slice(0, -4)}AAAA`;
  const broken = join(stack.folder, 'broken');
  cpSync(stack.keys, broken, { recursive: true });
  const cut = (file: string) =>
    writeFileSync(join(broken, file), readFileSync(join(broken, file)).subarray(0, -20), { mode: 0o600 });
  for (const file of ['signing.pem', 'curve.key', 'transport.pem']) cut(file);
  const relayFolder = join(stack.folder, 'broken-relay');
  cpSync(join(relay.folder, 'relay'), relayFolder, { recursive: true });
  writeFileSync(join(relayFolder, 'relay.json'), readFileSync(join(relayFolder, 'relay.json')).subarray(0, -20), {
    mode: 0o600,
  });
  const state = join(stack.folder, 'broken-state');
  cpSync(stack.stateOf(names.near), state, { recursive: true });
  writeFileSync(join(state, 'identity.json'), readFileSync(join(state, 'identity.json')).subarray(0, -20), {
    mode: 0o600,
  });

  const { data, tls } = { data: join(stack.folder, 'unused'), tls: join(stack.folder, 'tls') };
  const programs: [ConstructorParameters<typeof ServiceProcess>[0], Record<string, string>][] = [
    ['node', { mq_invite_code: damaged, state_dir: join(stack.folder, 'nowhere') }],
    ['node', { mq_invite_code: join(stack.keys, 'transport.pem'), state_dir: join(stack.folder, 'nowhere') }],
    ['node', { mq_invite_code: line, state_dir: state }],
    // The right line in the wrong places.
    ['node', { mq_sub_host: line, mq_sub_port: line, mq_transport_pub_key: line, node_name: line, log_level: line }],
    ['master', { server_host: line, server_port: line, mq_mechanism: line, keys_dir: broken, data_dir: data }],
    [
      'node',
      {
        mq_invite_code: line,
        state_dir: join(stack.folder, 'nowhere'),
        mq_transport_pub_key: join(stack.keys, 'signing.pem'),
      },
    ],
    ['master', { keys_dir: broken, data_dir: data }],
    ['master', { keys_dir: stack.keys, data_dir: data, mq_transport_pem_key: join(stack.keys, 'curve.key') }],
    [
      'master',
      {
        keys_dir: stack.keys,
        data_dir: data,
        server_tls_crt_fp: join(tls, 'tls.key'),
        server_tls_key_fp: join(stack.keys, 'curve.key'),
      },
    ],
    ['relay', { mq_upstream: line, mq_public_host: 'x', relay_dir: relayFolder }],
    ['relay', { mq_upstream: run.middle.line, mq_public_host: 'x', relay_dir: relayFolder }],
    ['init', { keys_dir: broken, tls_dir: tls, nodes_dir: join(stack.folder, 'nodes'), mq_public_host: '127.0.0.1' }],
  ];
  const said: string[] = [];
  for (const [program, env] of programs) {
    await using wrong = new ServiceProcess(program, { log_level: 'trace', ...env });
    expect([program, env, await wrong.exited]).toEqual([program, env, 1]);
    expect(wrong.text.length).toBeGreaterThan(20);
    said.push(wrong.text);
  }
  expect(foundIn([textSecret('what is wrong', 'signing.pem')], ...said)).toEqual(['what is wrong']);
  const parts = [textSecret('most of an invite', damaged.slice(40, -8)), ...secrets];
  expect(foundIn(parts, damaged)).toEqual(['most of an invite']);
  expect(foundIn(parts, ...said)).toEqual([]);
});

const shapes = {
  'a private key': /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\\rn]+[A-Za-z0-9+/]{40}/,
  'an invite': /sealcast1:[\w-]{100}/,
  'a hash of a password': /\$argon2id\$v=\d+\$m=\d+,t=\d+,p=\d+\$[A-Za-z0-9+/]{16}/,
};

test('what is shipped holds none of these secrets, and nothing that is shaped like one', () => {
  const shapesIn = (files: Buffer[]) =>
    Object.entries(shapes).flatMap(([name, shape]) =>
      files.some((file) => shape.test(file.toString('latin1'))) ? [name] : [],
    );
  const { stack } = run;
  expect(shapesIn([...filesBelow(stack.keys), ...filesBelow(join(stack.folder, 'nodes'))])).toEqual(
    Object.keys(shapes),
  );
  for (const part of ['dashboard', 'init', 'master', 'node', 'relay']) {
    const files = filesBelow(join(dist, part));
    expect(files.length).toBeGreaterThan(2);
    expect([part, shapesIn(files)]).toEqual([part, []]);
    expect([part, foundIn([...secrets, ...run.said], ...files)]).toEqual([part, []]);
  }
});
