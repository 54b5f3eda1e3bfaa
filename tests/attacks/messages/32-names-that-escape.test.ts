// The attackers are nodes that joined with real invites, a person who is signed in, and a stranger at the page's port: each writes names
// and ids that mean something to a file system, a shell, a database, a log or an address, in the hope that one of them takes its word.
import { readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { encode } from '@sealcast/channel/cbor';
import { kinds } from '@sealcast/channel/frame';
import { formatHop } from '@sealcast/channel/hop-line';
import type { CommandView } from '@sealcast/master/fleet/views';
import { masterSettings } from '@sealcast/master/settings';
import { nodeSettings } from '@sealcast/node/settings';
import { terminalLine } from '@sealcast/runtime/terminal-line';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Admin } from '../../stack/admin.ts';
import { Stack } from '../../stack/stack.ts';
import { sample } from '../../unit/master/sample.ts';
import { newIdentity, PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { HostileNode } from '../web/hostile-node.ts';
import { rawRequest } from '../web/raw-request.ts';
import { facts, stateOf } from './up-frames.ts';

/** What no name, line or path may hold. */
const controls = ['\0', '\n', '\r', '\t', '\b', '\u001b[2J', '\u001b]0;title\u0007', '\u007f', '\u0085', '\u009b31m'];

/** What each may hold: within 64 bytes, and nobody's to obey. */
const names = [
  '../../../../../../etc/passwd',
  '..\\..\\..\\windows\\system32',
  '/etc/shadow',
  'file:///proc/self/environ',
  '%2e%2e%2f%2e%2e%2fetc%2fpasswd',
  '..%00/..%0d%0aSet-Cookie:%20a=b',
  '．．／．．／ｅｔｃ',
  '‥∕‥∕etc',
  '$(touch escaped)',
  '`touch escaped`',
  '; touch escaped #',
  '| touch escaped & > escaped',
  '-rf --output=escaped',
  '~/.ssh/authorized_keys',
  "'; DROP TABLE nodes; --",
  '" OR ""="',
  "x' UNION SELECT hash FROM admins --",
  '{"msg":"forged","level":"info"}',
  '","msg":"forged","x":"',
  '__proto__',
  'constructor',
  'CON',
  'null',
  '*',
  '\u202egnp.exe',
  '\u2028forged\u2029',
  'а\u0301\u200d',
  '𝓪𝓭𝓶𝓲𝓷',
  ' ',
];

const colour = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

/** A body with each of them in one of its fields. */
function bad(at: (text: string) => object, kind: number): { body: object; kind: number }[] {
  return controls.map((control) => ({ body: at(`a${control}b`), kind }));
}

function below(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' });
}

/** Lines that are not one object of JSON, say what the program does not say, or do something to a terminal. */
function strangeLines(log: string): string[] {
  return log.split('\n').filter((line) => {
    if (line === '') return false;
    try {
      const { msg, part, time }: Record<string, unknown> = JSON.parse(line);
      const isOwn =
        msg !== 'forged' && ['master', 'transport', 'node'].includes(String(part)) && typeof time === 'string';
      // Colours are the only escapes that the program writes.
      return !isOwn || !/^[^\p{Cc}\u2028-\u202e\u2066-\u2069]+\n$/u.test(terminalLine(line).replaceAll(colour, ''));
    } catch {
      return true;
    }
  });
}

describe('in a sealed message', () => {
  const whole = sample(1, 1);
  const [disk] = whole.disks;
  const fields = [
    ...(['name', 'os', 'kernel', 'arch', 'version', 'vendor', 'model'] as const).flatMap((field) =>
      bad((text) => ({ ...facts, [field]: text }), kinds.facts),
    ),
    ...bad((text) => ({ ...facts, cpu: { ...facts.cpu, model: text } }), kinds.facts),
    ...bad((text) => ({ ...facts, gpus: [text] }), kinds.facts),
    ...bad((text) => ({ ...facts, addresses: [text] }), kinds.facts),
    ...bad((text) => ({ ...facts, policy: { level: 'observe', allowed: [text], more: 0 } }), kinds.facts),
    ...bad((text) => ({ ...facts, disks: [{ name: text, model: '', size: 1 }] }), kinds.facts),
    ...bad((text) => ({ ...facts, disks: [{ name: 'a', model: text, size: 1 }] }), kinds.facts),
    ...(['mount', 'device', 'type'] as const).flatMap((field) =>
      bad((text) => ({ samples: [{ ...whole, disks: [{ ...disk, [field]: text }] }] }), kinds.report),
    ),
    ...bad((text) => ({ samples: [{ ...whole, io: [{ device: text, read: 1, written: 1, busy: 1 }] }] }), kinds.report),
    ...bad((text) => ({ samples: [{ ...whole, interfaces: [{ name: text, received: 1, sent: 1 }] }] }), kinds.report),
    ...bad((text) => ({ samples: [{ ...whole, temperatures: [{ name: text, celsius: 1 }] }] }), kinds.report),
    ...bad((detail) => ({ command: randomBytes(16), outcome: 'done', detail }), kinds.receipt),
  ];

  test('a control character in any name is refused, and nothing of it is kept', () => {
    using world = new PaperFleet();
    const node = world.node();
    const before = stateOf(world);
    for (const { body, kind } of fields) {
      const frame = node.session?.sealEncoded(kind, encode(body)) ?? new Uint8Array();
      expect([body, node.send(frame)]).toEqual([body, 'payload.schema']);
      world.clock.ms += 100;
    }
    expect(fields.length).toBe(20 * controls.length);
    const { nodes, ...rest } = stateOf(world) as { nodes: unknown };
    expect({ nodes, ...rest }).toEqual(before);
    expect(world.fleet.refusals()['payload.schema']).toBe(fields.length);
    expect(node.report()).toBeUndefined();
  });

  test.for(['../../../../../.', "'; DROP TABLE n;", '\0\0\0\0\0\0\0\0\0\0\0\0\0\0\n\n', '$(touch escaped)'])(
    'the id %j is sixteen bytes like any other, of a node and of a command',
    (text) => {
      using world = new PaperFleet();
      const id = Buffer.from(text);
      expect(id).toHaveLength(16);
      const node = new PaperNode(world, newIdentity(id));
      expect(node.join(world.invite())).toBe(true);
      expect(world.fleet.nodes().map((one) => one.id)).toEqual([id.toString('hex')]);
      const before = world.fleet.commands(10);
      expect(node.say({ kind: 'receipt', body: { command: id, outcome: 'done' } })).toBeUndefined();
      expect(world.fleet.commands(10)).toEqual(before);
      expect(world.store.roster.all()).toHaveLength(1);
      world.restart();
      expect(node.again().join()).toBe(true);
    },
  );
});

describe('in what nodes and people call things', () => {
  const rest = names.slice(1);
  const honestName = '../$(touch escaped)`touch escaped`';
  let stack: Stack;
  let admin: Admin;
  let node: HostileNode;
  let before: string[];

  /** Every file of the master, its keys and its node, and what was made where everything was started. */
  function files(): string[] {
    const changing = /-(wal|shm)$|^state-[^/]*\//;
    const astray = readdirSync(process.cwd()).filter((path) => path.includes('escaped'));
    return [...below(stack.folder).filter((path) => !changing.test(path)), ...astray].toSorted();
  }

  beforeAll(async () => {
    stack = await Stack.start({ invites: 2 });
    admin = await stack.signIn();
    const policy = join(stack.folder, 'policy');
    await writeFile(policy, 'allow run /bin/echo ok\nallow run /bin/echo $(touch escaped);*\n', { mode: 0o600 });
    stack.startNode('honest', 2, { policy_file: policy, node_name: honestName });
    await admin.nodesWhen((nodes) => nodes.length === 1 && nodes[0]?.facts !== null);
    before = files();
    const invite = (await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8')).trim();
    const name = String(names[0]);
    node = new HostileNode(invite, {
      facts: { ...facts, name, addresses: names, disks: names.map((each) => ({ name: each, model: each, size: 1 })) },
      sample: {
        ...sample(1, 1),
        disks: rest.map((mount) => ({ mount, device: mount, type: mount, total: 1, free: 1 })),
      },
      receipt: { outcome: 'done', detail: names.join('').slice(0, 120), output: names.join('\n') },
    });
    await admin.nodesWhen((nodes) =>
      nodes.some((one) => one.id === node.id && one.facts !== null && one.sample !== null),
    );
  });

  afterAll(async () => {
    await node[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  async function kept(): Promise<unknown> {
    const { facts: told, sample: newest, name } = (await admin.nodes()).find(({ id }) => id === node.id) ?? {};
    const { invites } = await admin.get<{ invites: { label: string }[] }>('invites');
    const { relays } = await admin.get<{ relays: { name: string; host: string }[] }>('relays');
    return {
      name,
      addresses: told?.addresses,
      disks: told?.disks.map((disk) => disk.name),
      mounts: newest?.disks.map(({ mount }) => mount),
      labels: invites
        .map(({ label }) => label)
        .filter((label) => names.includes(label))
        .toSorted(),
      relays: relays.map((relay) => relay.name).toSorted(),
      hosts: relays.map(({ host }) => host).toSorted(),
      texts: (await admin.commands()).flatMap(({ action }) => (action.type === 'text' ? [action.text] : [])),
      outputs: (await admin.commands()).flatMap(({ receipts }) =>
        receipts.filter((one) => one.node === node.id).map(({ output }) => output),
      ),
    };
  }

  test('a node runs only what its policy says, argument by argument, and no shell looks at it', async () => {
    const honest = (await admin.nodes()).find(({ id }) => id !== node.id)?.id ?? '';
    const allowed: [string, ...string[]][] = [
      ['/bin/echo', 'ok'],
      ['/bin/echo', '$(touch', 'escaped);*'],
    ];
    const refused: [string, ...string[]][] = [
      ['/bin/echo'],
      ['/bin/echo', 'ok', ''],
      ['/bin/echo', 'ok; touch escaped'],
      ['/bin/echo', 'ok', '&&', 'touch', 'escaped'],
      ['/bin/echo', 'ok '],
      ['/bin/echo', 'ok\u00a0'],
      ['/bin/echo', 'оk'],
      ['/bin/echo ok'],
      ['/bin/../bin/echo', 'ok'],
      ['/bin//echo', 'ok'],
      ['/bin/echo\u200b', 'ok'],
      ['/bin/ｅcho', 'ok'],
      ['/bin/echo', '$(touch escaped);*'],
      ['/bin/sh', '-c', 'touch escaped'],
    ];
    const ids: string[] = [];
    for (const [program, ...args] of [...allowed, ...refused]) {
      const action = { type: 'run', program, arguments: args, seconds: 5 };
      ids.push((await admin.post<CommandView>('commands', { action, targets: [honest] })).id);
    }
    const answers = await admin.watch(async () => {
      const commands = await admin.commands();
      const receipts = ids.map((id) => commands.find((one) => one.id === id)?.receipts[0]);
      return receipts.every((receipt) => receipt && receipt.outcome !== 'waiting') ? receipts : undefined;
    });
    const told = answers.map((receipt) => [receipt?.outcome, receipt?.output]);
    expect(told.slice(0, 2)).toEqual([
      ['done', 'ok\n'],
      ['done', '$(touch escaped);*\n'],
    ]);
    expect(told.slice(2)).toEqual(refused.map(() => ['refused', null]));
    expect(files()).toEqual(before);
  });

  test('each comes back as it was written, also from disk, and brings nothing about', async () => {
    for (const label of names) await admin.post('invites', { label, hours: 1 });
    for (const name of names) {
      const [curve, up] = [new Uint8Array(randomBytes(32)), new Uint8Array(randomBytes(32))];
      await admin.post('relays', { name, line: formatHop({ host: name, data: [1, 2], join: [3, 4], curve, up }) });
    }
    const text = names.join('\n');
    const { id } = await admin.broadcast(text);
    await admin.confirmed(id);
    const expected = {
      name: names[0],
      addresses: names,
      disks: names,
      mounts: rest,
      labels: names.toSorted(),
      relays: names.toSorted(),
      hosts: names.toSorted(),
      texts: [text],
      outputs: [names.join('\n')],
    };
    expect(await kept()).toEqual(expected);
    expect(files()).toEqual(before);
    const { name } = (await admin.nodes()).find((one) => one.id !== node.id) ?? {};
    expect(name).toBe(honestName);
    await stack.master.stop();
    const old = stack.master.text;
    await stack.restartMaster();
    admin = await stack.signIn();
    await admin.nodesWhen((nodes) => nodes.some((one) => one.id === node.id && one.sample !== null));
    expect(await kept()).toEqual(expected);
    expect(files()).toEqual(before);
    expect(strangeLines(old)).toEqual([]);
  });

  const ids = [
    '..',
    '../../api/session',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e',
    '%00',
    `${'a'.repeat(31)}%00`,
    `${'a'.repeat(32)}%0a`,
    `${'a'.repeat(32)}%0d%0aX-Forged:%20yes`,
    'A'.repeat(32),
    'a'.repeat(31),
    'a'.repeat(33),
    encodeURIComponent('ａ'.repeat(32)),
    encodeURIComponent("' OR '1'='1"),
    `${'a'.repeat(30)}%27%27`,
    encodeURIComponent('$(touch escaped)'),
    '*',
    '%',
    '%zz',
    '__proto__',
    'a'.repeat(5000),
  ];

  test('an id in an address is hexadecimal or nothing', async () => {
    const password = (await readFile(join(stack.keys, 'admin.password'), 'utf8')).trim();
    const body = JSON.stringify({ name: 'admin', password });
    const signedIn = await fetch(`${stack.url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    });
    const cookie = `Cookie: ${signedIn.headers.getSetCookie()[0]?.split(';')[0]}`;
    const port = Number(stack.ports['server_port']);
    const was = await kept();
    for (const id of ids)
      for (const target of [
        `GET /api/nodes/${id}/history`,
        `DELETE /api/nodes/${id}`,
        `DELETE /api/nodes/${id}/clone`,
        `DELETE /api/invites/${id}`,
        `DELETE /api/relays/${id}`,
      ]) {
        const answer = await rawRequest(port, [`${target} HTTP/1.1`, 'Host: a', cookie]);
        expect([target, [400, 404, 414, 431].includes(answer.status)]).toEqual([target, true]);
        expect(answer.headers.join('\n').toLowerCase()).not.toContain('forged');
      }
    expect(await kept()).toEqual(was);
    expect(files()).toEqual(before);
  });

  const traversals = [
    '/package.json',
    '/keys/admin.password',
    '/../keys/admin.password',
    '/../../keys/admin.password',
    '/..%2fkeys/admin.password',
    '/%2e%2e/keys/admin.password',
    '/%2e%2e%2fkeys%2fadmin.password',
    '/%252e%252e%252fkeys%252fadmin.password',
    '/..%5c..%5ckeys%5cadmin.password',
    '/..%c0%afkeys%c0%afadmin.password',
    '/%c0%ae%c0%ae/keys/admin.password',
    '/%ef%bc%8e%ef%bc%8e/keys/admin.password',
    '/%u002e%u002e/keys/admin.password',
    '/assets/../../keys/admin.password',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/../../../package.json',
    '/assets/..;/..;/package.json',
    '/....//....//package.json',
    '//etc/passwd',
    '///etc/passwd',
    '/%2fetc%2fpasswd',
    '/index.html%00.js',
    '/index.html%2500',
    '/.%00./package.json',
    '/\\..\\..\\package.json',
    '/./././../package.json',
    '/index.html/../../package.json',
    '/%2e/index.html/..%2f..%2fpackage.json',
    '/.git/config',
    '/.env',
    '/assets',
    '/assets/',
    'file:///etc/passwd',
    '../package.json',
    '/proc/self/environ',
    '/api/../index.html',
    '/api%2fnodes',
    '/api/%2e%2e/api/nodes',
    '/API/nodes',
  ];

  test('no address leads out of the page’s folder, nor around the sign-in', async () => {
    const port = Number(stack.ports['server_port']);
    const folder = stack.ports['dashboard_dir'] ?? '';
    const own = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'utf8'));
    const reached = await rawRequest(port, ['GET /index.html HTTP/1.1', 'Host: a']);
    expect([reached.status, own.includes(reached.body)]).toEqual([200, true]);
    for (const target of traversals) {
      const answer = await rawRequest(port, [`GET ${target} HTTP/1.1`, 'Host: a']);
      // What a server makes of dots may lead to a file of the page, and to nothing else.
      const isHarmless = answer.status >= 400 || (answer.status === 200 && own.includes(answer.body));
      expect([target, answer.status, isHarmless]).toEqual([target, answer.status, true]);
      expect(answer.body).not.toMatch(/root:|"workspaces"|PATH=|"nodes":/);
    }
  });

  test('every line of the log is one of the master’s own', async () => {
    const forged = '\r\n{"level":"info","msg":"forged"}\n\u001b[2J\u009b2J';
    const tries = { name: forged.slice(0, 60), password: forged };
    const json = { 'content-type': 'application/json' };
    await fetch(`${stack.url}/api/session`, { method: 'POST', headers: json, body: JSON.stringify(tries) });
    await fetch(`${stack.url}/${encodeURIComponent(forged)}`, { headers: { 'x-forwarded-for': 'forged' } });
    await fetch(`${stack.url}/api/nodes/${encodeURIComponent(forged)}/history?${encodeURIComponent(forged)}=1`);
    await rawRequest(Number(stack.ports['server_port']), [
      'GET /\u001b[2Jforged HTTP/1.1',
      'Host: \u001b[2J',
      'User-Agent: forged',
    ]);
    await stack.master.line((line) => line.msg === 'a request was answered' && line['status'] === 401);
    const own = stack.master.text;
    const honest = stack.nodes.get('honest')?.text ?? '';
    // What the node was told stands in its log, in one line.
    expect(honest.split('\n').filter((line) => line.includes('a message from the master'))).toHaveLength(1);
    expect([...strangeLines(own), ...strangeLines(honest)]).toEqual([]);
  });
});

test.for([
  ...names.filter((name) => name !== '/etc/shadow'),
  '//evil.test',
  '/a//b',
  '/..',
  '/a/../b',
  '/./a',
  '/a?b',
  '/a#b',
  '/a%2fb',
  '/a\r\nSet-Cookie: a=b',
  '/a\0',
  '/<script>',
  '/ä',
  '/a b',
  '/a;b',
])('the page is served below no path like %j', (path) => {
  expect(() => masterSettings({ server_virtual_host: path })).toThrow(/server_virtual_host/);
});

test.for(controls)('a node is told no name of its own that holds %j', (control) => {
  expect(() => nodeSettings({ node_name: `a${control}b` })).toThrow(/node_name/);
});
