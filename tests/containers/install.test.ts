import { createServer, type Server, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from '@sealcast/channel/cbor';
import { formatInvite, type Invite, parseInvite } from '@sealcast/channel/invite';
import { beforeAll, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { installLine, removeLine, type InstallOrder } from '@sealcast/master/install/install-line';
import { documented } from '../documents/commands.ts';
import { typed } from '../documents/typed.ts';
import { docker, inVolume, root } from './docker.ts';
import { unpack } from './unpacked.ts';
import { FarHost } from './far-host.ts';
import { Stack } from './stack.ts';

const hostName = 'attic-pi';
let stack: Stack;
let client: MasterClient;
let far: FarHost;
let untouched: string[];
/** What the master serves, as its image has it. */
let folder: string;

beforeAll(async () => {
  far = await FarHost.start(hostName);
  return async () => await far[Symbol.asyncDispose]();
});
beforeAll(async () => {
  stack = await Stack.start();
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  client = await stack.client();
  const { mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port } = stack.place.settings;
  await far.let([stack.place.httpsPort, mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port].map(Number));
  folder = mkdtempSync(join(tmpdir(), 'sealcast-install-'));
  await docker(['cp', `${stack.container('master')}:/app/install/.`, folder]);
  untouched = await far.everything();
  return () => rmSync(folder, { recursive: true });
});

/** An invite as the page makes it, and the line that the page shows with it. */
async function invited(over: Partial<InstallOrder> = {}): Promise<{ id: string; line: string; order: InstallOrder }> {
  const { id, invite, install } = await client.makeInvite({ label: hostName, host: far.gateway });
  if (install === null) throw new Error('the master has nothing that installs a node');
  const from = `https://${far.gateway}:${stack.place.httpsPort}/install`;
  const order: InstallOrder = { invite, program: install, from, way: 'service', fetcher: 'curl', ...over };
  return { id, order, line: installLine(order) };
}

async function farNode() {
  const [node] = await client
    .untilNodes(
      (nodes) => nodes.some(({ name, state, sample }) => name === hostName && state === 'alive' && sample !== null),
      AbortSignal.timeout(30_000),
    )
    .then((nodes) => nodes.filter(({ name }) => name === hostName));
  return node;
}

async function said(command: string): Promise<string> {
  const { code, text } = await far.root(command);
  expect([code, text]).toEqual([0, expect.any(String)]);
  return text.trim();
}

/** A server in the place of the master. */
async function falseServer(
  answer: (name: string, response: ServerResponse) => void,
): Promise<Server & AsyncDisposable> {
  const server = createServer((request, response) => answer(request.url?.split('/').at(-1) ?? '', response));
  server.listen(0, far.gateway);
  await once(server, 'listening');
  return Object.assign(server, {
    [Symbol.asyncDispose]: async () => {
      server.close();
      server.closeAllConnections();
    },
  });
}

/** One that serves what `change` makes of each file. */
async function falseMaster(change: (name: string, bytes: Buffer) => Buffer): Promise<Server & AsyncDisposable> {
  return await falseServer((name, response) => void response.end(change(name, readFileSync(join(folder, name)))));
}

const addressOf = (server: Server): string => {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('it does not listen');
  return `http://${far.gateway}:${address.port}/install`;
};

test('a program that was changed on its way is not run, and nothing is left', async () => {
  await using server = await falseMaster((name, bytes) =>
    name.endsWith('.sh') ? Buffer.concat([Buffer.from('#!/bin/sh\ntouch /home/pat/owned\n'), bytes]) : bytes,
  );
  const { line } = await invited({ from: addressOf(server) });
  const { code, text } = await far.paste(line);
  expect([code, text]).not.toEqual([0, expect.any(String)]);
  expect(text).toContain('did NOT match');
  expect(await far.everything()).toEqual(untouched);
});

test('an archive that was changed on its way is not unpacked, and nothing is left', async () => {
  await using server = await falseMaster((name, bytes) => {
    if (!name.endsWith('.gz')) return bytes;
    const bent = Buffer.from(bytes);
    bent[bent.length >> 1]! ^= 1;
    return bent;
  });
  const { line } = await invited({ from: addressOf(server) });
  const { code, text } = await far.paste(line);
  expect([code, text]).toEqual([1, expect.stringContaining('is not what the invite pins: nothing was installed')]);
  expect(await far.everything()).toEqual(untouched);
});

test.for([
  ['curl', '.sh'],
  ['wget', '.sh'],
  ['curl', '.gz'],
  ['wget', '.gz'],
] as const)('what %s fetches as %s is cut off where it has no end, and nothing is left', async ([fetcher, endless]) => {
  let sent = 0;
  const chunk = Buffer.alloc(65_536);
  await using server = await falseServer((name, response) => {
    if (!name.endsWith(endless)) {
      response.end(readFileSync(join(folder, name)));
      return;
    }
    const more = (): void => {
      while (!response.destroyed && response.write(chunk)) sent += chunk.length;
      sent += chunk.length;
    };
    response.on('drain', more);
    more();
  });
  const { line } = await invited({ from: addressOf(server), fetcher });
  // The program takes curl where there is one.
  const without = fetcher === 'wget' ? ['mv /usr/bin/curl /root/curl', 'mv /root/curl /usr/bin/curl'] : [':', ':'];
  const { code } = await far.root(`${without[0]}; ${line}; s=$?; ${without[1]}; exit $s`);
  expect(code).not.toBe(0);
  const archive = readdirSync(folder).filter((name) => name.endsWith('.gz'));
  const largest = Math.max(...archive.map((name) => statSync(join(folder, name)).size));
  // What waits in both machines' sockets comes on top.
  expect(sent).toBeLessThan((endless === '.sh' ? 2 ** 17 : largest) + 2 ** 24);
  expect(await far.everything()).toEqual(untouched);
});

test.for(['curl', 'wget'] as const)('%s is not led elsewhere', async (fetcher) => {
  const asked: string[] = [];
  await using server = await falseServer((name, response) => {
    asked.push(name);
    response.writeHead(302, { location: '/elsewhere' }).end();
  });
  const { line } = await invited({ from: addressOf(server), fetcher });
  expect((await far.paste(line)).code).not.toBe(0);
  expect(asked).toEqual([expect.stringMatching(/^[0-9a-f]{64}\.sh$/)]);
});

test('an invite that pins another program, or none, is not taken, and nothing is left', async () => {
  const { order } = await invited();
  const unpinned = await inVolume(stack.volume('nodes'), 'cat /v/invite-1');
  const changed = `f=/tmp/other; curl -fsSk -o $f ${order.from}/${order.program}.sh && echo >>$f`;
  for (const line of [
    installLine({ ...order, invite: unpinned.trim() }),
    `${changed} && echo '${order.invite}' | sh $f ${order.from}; s=$?; rm $f; exit $s`,
  ]) {
    const { code, text } = await far.paste(line);
    expect([code, text]).toEqual([1, expect.stringContaining('this invite was not made for this program')]);
  }
  expect(await far.everything()).toEqual(untouched);
});

/** Well formed for whoever looks for bytes alone: `hidden` is what a member of that name would be, inside of another one. */
function hidingInvite(invite: Partial<Invite>, name: string, hidden: Uint8Array): string {
  const member = encode({ [name]: hidden }).subarray(1);
  const body = encode({ ...invite, other: Uint8Array.from(member) });
  const sum = createHash('sha256').update(body).digest().subarray(0, 4);
  return `sealcast1:${Buffer.concat([body, sum]).toString('base64url')}`;
}

test('an invite that holds the hash anywhere but where it pins it is not taken, and nothing is left', async () => {
  const { order } = await invited();
  const { install = Buffer.alloc(0), ...rest } = parseInvite(order.invite);
  for (const invite of [
    hidingInvite(rest, 'install', install),
    hidingInvite({ ...rest, install: randomBytes(32) }, 'install', install),
  ]) {
    const { code, text } = await far.paste(installLine({ ...order, invite }));
    expect([code, text]).toEqual([1, expect.stringContaining('this invite was not made for this program')]);
  }
  expect(await far.everything()).toEqual(untouched);
});

test('an invite that was cut or changed when it was pasted is told as that, and nothing is left', async () => {
  const { order } = await invited();
  const changed = order.invite.replace(/.{9}$/, (end) => `${end[0] === 'A' ? 'B' : 'A'}${end.slice(1)}`);
  for (const invite of [
    order.invite.slice(0, -1),
    order.invite.slice(0, 100),
    'sealcast1:',
    'sealcast1:AAA',
    changed,
  ]) {
    const { code, text } = await far.paste(installLine({ ...order, invite }));
    expect([invite, code, text]).toEqual([
      invite,
      1,
      expect.stringContaining('the invite is damaged, as where it was cut'),
    ]);
  }
  expect(await far.everything()).toEqual(untouched);
});

test('a line of before an upgrade is told what to do, and nothing is left', async () => {
  const { order } = await invited();
  const { code, text } = await far.paste(installLine({ ...order, program: 'f'.repeat(64) }));
  const from = order.from;
  expect([code, text]).toEqual([
    1,
    expect.stringContaining(
      `nothing can be fetched: take a new line from the page, and see that this machine reaches ${from}\n`,
    ),
  ]);
  expect(await far.everything()).toEqual(untouched);
});

test.for([
  ['a 32-bit machine', 'uname', '[ "$1" = -s ] && echo Linux || echo armv7l', 'there is no node for armv7l'],
  ['a 32-bit system on a 64-bit kernel', 'getconf', 'echo 32', 'on a Raspberry Pi, the 64-bit Raspberry Pi OS'],
] as const)('%s is told so, and nothing is left', async ([, tool, answer, why]) => {
  const { line } = await invited();
  const lie = `mkdir /root/lie && printf '#!/bin/sh\n%s\n' '${answer}' >/root/lie/${tool} && chmod 755 /root/lie/${tool}`;
  const { code, text } = await far.root(`${lie}; PATH=/root/lie:$PATH; ${line}; s=$?; rm -r /root/lie; exit $s`);
  expect([code, text]).toEqual([1, expect.stringContaining(why)]);
  expect(await far.everything()).toEqual(untouched);
});

test('a machine with neither systemd nor Docker is told so, and nothing is left', async () => {
  const { line } = await invited();
  const [away, back] = ['mv /run/systemd/system /run/systemd/away', 'mv /run/systemd/away /run/systemd/system'];
  const { code, text } = await far.root(`${away}; ${line}; s=$?; ${back}; exit $s`);
  expect([code, text]).toEqual([1, expect.stringContaining('has neither systemd nor a Docker engine that answers')]);
  expect(await far.everything()).toEqual(untouched);
});

/** The line of docs/install-node.md, with what stands in the place of the dots, and another master. */
function documentedLine({ program, invite, from }: InstallOrder): string {
  const line = documented(
    'docs/install-node.md',
    `(h=…; u='https://master.lan:8443/install'; f=$(mktemp) && (trap "" XFSZ; ulimit -f 128; timeout 60 curl -fsSk -o "$f" "$u/$h.sh" || { echo "sealcast: nothing can be fetched: take a new line from the page, and see that this machine reaches $u" >&2; exit 1; }) && echo "$h  $f" | sha256sum -c - >/dev/null && echo 'sealcast1:…' | sh "$f" "$u"; s=$?; rm -f "$f"; exit $s)`,
  );
  const filled = line.replace('h=…', `h=${program}`).replace('sealcast1:…', invite);
  return filled.replaceAll('https://master.lan:8443/install', from);
}

test('one line installs the node as a service, and the page shows the machine', async () => {
  const { line, order } = await invited();
  expect(documentedLine(order)).toBe(line);
  const { code, text } = await far.paste(line);
  expect([code, text]).toEqual([0, expect.stringContaining('this machine has joined, and its node runs as a service')]);
  expect(text.replaceAll(/\d+ MB/g, '… MB').split('\n')).toEqual([
    `sealcast: fetching the node from ${order.from} (… MB)`,
    'sealcast: unpacking it',
    'sealcast: starting it as a service',
    'sealcast: waiting until it has joined, for 30 seconds at most',
    `sealcast: this machine has joined, and its node runs as a service. To remove it: ${removeLine}`,
    '',
  ]);
  const node = await farNode();
  expect(node?.facts?.kernel).toBe(await said('uname -r'));
  expect(node?.sample?.memory.total).toBe(1024 * Number(await said("awk '/^MemTotal/ {print $2}' /proc/meminfo")));
  expect(node?.facts?.cpu.threads).toBe(Number(await said('nproc --all')));
  const disk = node?.sample?.disks.find(({ mount }) => mount === '/');
  const [used, avail] = (await said('df --block-size=1 --output=used,avail / | tail -n 1')).split(/ +/).map(Number);
  // Others write meanwhile.
  expect(Math.abs((disk?.total ?? 0) - (used ?? 0) - (avail ?? 0))).toBeLessThan(2 ** 30);
  expect(await said("find /tmp -name 'tmp.*'")).toBe('');
});

test('the service is the one that its unit describes: hardened, and with nothing of the system in it but the kernel', async () => {
  const report = await said(documented('docs/install-node.md', 'systemd-analyze security sealcast-node'));
  expect(readFileSync(join(root, 'docs/install-node.md'), 'utf8')).toContain(
    `gives it ${/exposure level for sealcast-node\.service: ([\d.]+)/.exec(report)?.[1]} of 10`,
  );
  const pid = await said('systemctl show --property MainPID --value sealcast-node');
  const status = await said(`cat /proc/${pid}/status`);
  const user = await said('id -u sealcast-node');
  expect(status).toMatch(new RegExp(`^Uid:\t${user}\t${user}\t${user}\t${user}$`, 'm'));
  for (const row of ['CapPrm:\t0000000000000000', 'CapBnd:\t0000000000000000', 'NoNewPrivs:\t1', 'Seccomp:\t2'])
    expect(status).toContain(row);
  const mapped = await said(`awk '$6 ~ "^/" {print $6}' /proc/${pid}/maps | sort -u`);
  expect(await said(`grep ' - proc ' /proc/${pid}/mountinfo`)).toContain('hidepid=invisible');
  expect(mapped.split('\n').length).toBeGreaterThan(5);
  expect(mapped.split('\n').filter((path) => !path.startsWith('/opt/sealcast-node/root/'))).toEqual([]);
  expect(await said('systemctl show --property MemoryMax --value sealcast-node')).toBe(String(64 * 2 ** 20));
  expect(await said('find /opt/sealcast-node ! -user root -o -perm /022 ! -type l')).toBe('');
  expect(await said('stat -c "%a %U" /etc/sealcast-node/invite /var/lib/sealcast-node')).toBe(
    '600 sealcast-node\n700 sealcast-node',
  );
});

test('the invite stands in no argument and no environment of a process, and in no log', async () => {
  const pid = await said('systemctl show --property MainPID --value sealcast-node');
  const seen = `tr '\\0' '\\n' </proc/${pid}/environ; tr '\\0' '\\n' </proc/${pid}/cmdline; journalctl --no-pager --quiet`;
  expect(await said(seen)).not.toContain('sealcast1:');
  expect(await said(documented('docs/install-node.md', 'journalctl -u sealcast-node'))).toContain('joined');
});

test("its limits are for the machine's own people to change", async () => {
  // systemctl asks for a terminal, and for an editor: here one that writes what somebody would.
  const editor = String.raw`printf '#!/bin/sh\nshift $(($# - 1))\nprintf "[Service]\\nMemoryMax=96M\\n" >"$1"\n' >/usr/local/bin/editor; chmod 755 /usr/local/bin/editor`;
  const line = documented('docs/install-node.md', 'sudo systemctl edit sealcast-node');
  expect(await far.root(editor)).toMatchObject({ code: 0 });
  expect(await far.paste(`script -qec '${line}' /dev/null`)).toMatchObject({ code: 0 });
  expect(await said('rm /usr/local/bin/editor; systemctl show --property MemoryMax --value sealcast-node')).toBe(
    String(96 * 2 ** 20),
  );
});

test("what others of the machine write into the log in the node's name is not taken for its word", async () => {
  const { line } = await invited();
  const loud = `touch /tmp/loud; runuser -u pat -- sh -c 'while [ -e /tmp/loud ]; do logger -t sealcast-node "the master refused this invite"; sleep 0.1; done' &`;
  const { code, text } = await far.root(`${loud} ${line}; s=$?; rm /tmp/loud; wait; exit $s`);
  expect([code, text]).toEqual([0, expect.stringContaining('has joined before and keeps its identity')]);
  expect(await said('journalctl --quiet --identifier sealcast-node')).toContain('the master refused this invite');
});

test('a new node that starts and does not join gives way to the one that was there before', async () => {
  const look =
    'stat -c %i /opt/sealcast-node; cat /etc/systemd/system/sealcast-node.service; systemctl is-active sealcast-node';
  const before = [await said(look), (await farNode())?.id];
  const { line } = await invited();
  await said('cp -p /etc/sealcast-node/settings /root/settings; echo mq_join_sub_port=1 >>/etc/sealcast-node/settings');
  const { code, text } = await far.paste(line);
  expect([code, text]).toEqual([
    1,
    expect.stringContaining("the new node has not joined: the master can't be reached at"),
  ]);
  expect(text).toContain('the node that was there before goes on');
  await said('mv /root/settings /etc/sealcast-node/settings; systemctl restart sealcast-node');
  expect([await said(look), (await farNode())?.id]).toEqual(before);
});

test('a line again, with wget, makes the program anew, and the node stays who it is', async () => {
  const before = await farNode();
  // Where its files are is not for its settings to say.
  const lines = String.raw`node_name=renamed\nstate_dir=/nowhere/state\nlive_file=/nowhere/live\npolicy_file=/nowhere/policy\n`;
  await far.root(`printf '${lines}' >>/etc/sealcast-node/settings; rm -r /opt/sealcast-node/root/app`);
  const { line } = await invited({ fetcher: 'wget' });
  const { code, text } = await far.paste(line);
  expect([code, text]).toEqual([0, expect.stringContaining('has joined before and keeps its identity')]);
  const nodes = await client.untilNodes(
    (all) => all.some(({ id, facts, state }) => id === before?.id && facts?.name === 'renamed' && state === 'alive'),
    AbortSignal.timeout(30_000),
  );
  // What the invite called it, it is still called.
  expect(nodes.filter(({ name }) => name === hostName).map(({ id }) => id)).toEqual([before?.id]);
});

/** What is on the machine but for the state of its node, which it changes itself. */
async function beyondState(): Promise<string[]> {
  return (await far.everything()).filter((line) => !line.startsWith('/var/lib/sealcast-node/'));
}

test('the line of another master changes nothing', async () => {
  const look = 'systemctl show --property MainPID --value sealcast-node';
  const before = [await beyondState(), await said(look)];
  const { order } = await invited();
  const another = { ...parseInvite(order.invite), signing: randomBytes(32) };
  const mine = parseInvite(order.invite).signing;
  // As many members as an invite has.
  const { code: _, ...unspendable } = another;
  for (const invite of [formatInvite(another), hidingInvite(unspendable, 'signing', mine)]) {
    const { code, text } = await far.paste(installLine({ ...order, invite }));
    expect([code, text]).toEqual([1, expect.stringContaining('belongs to another master, and nothing was changed')]);
    expect(text).toContain(`first: ${removeLine}\n`);
  }
  expect([await beyondState(), await said(look)]).toEqual(before);
});

test('where there is no sudo, nobody is told to type it', async () => {
  const { order } = await invited();
  const another = formatInvite({ ...parseInvite(order.invite), signing: randomBytes(32) });
  const line = installLine({ ...order, invite: another });
  const { text } = await far.root(`mv /usr/bin/sudo /root/sudo; ${line}; mv /root/sudo /usr/bin/sudo`);
  expect(text).toContain('first: /opt/sealcast-node/setup remove\n');
});

test('a node that can not be made anew goes on as it was', async () => {
  const look =
    'stat -c %i /opt/sealcast-node; cat /etc/systemd/system/sealcast-node.service; systemctl is-active sealcast-node';
  const before = await said(look);
  const { line } = await invited();
  const broken = `mkdir /root/lie && printf '#!/bin/sh\\n[ "$1" != enable ] || exit 1\\nexec /usr/bin/systemctl "$@"\\n' >/root/lie/systemctl && chmod 755 /root/lie/systemctl`;
  const { code, text } = await far.root(`${broken}; PATH=/root/lie:$PATH; ${line}; s=$?; rm -r /root/lie; exit $s`);
  expect([code, text]).toEqual([1, expect.stringContaining('the node that was there before goes on')]);
  expect(await said(look)).toBe(before);
});

test('one line removes it, and leaves nothing', async () => {
  expect(documented('docs/install-node.md', 'sudo /opt/sealcast-node/setup remove')).toBe(removeLine);
  const { code, text } = await far.paste(documented('README.md', 'sudo /opt/sealcast-node/setup remove'));
  expect([code, text]).toEqual([0, expect.stringContaining('the node is gone from this machine')]);
  expect(await far.everything()).toEqual(untouched);
  expect(await said('systemctl list-unit-files --no-legend "sealcast*"; systemctl --failed --no-legend')).toBe('');
});

test('without a way to the page the files are taken there by hand', async () => {
  const { order } = await invited();
  const carried = mkdtempSync(join(tmpdir(), 'sealcast-carried-'));
  const here = { ...stack.shell, cwd: carried };
  await typed(documented('docs/install-node.md', 'docker compose cp master:/app/install .'), here);
  await far.bring(join(carried, 'install'), 'install');
  rmSync(carried, { recursive: true });
  const line = documented('docs/install-node.md', "echo 'sealcast1:…' | sh install/*.sh ./install");
  const { code, text } = await far.paste(`cd && ${line.replace('sealcast1:…', order.invite)}`);
  expect([code, text]).toEqual([0, expect.stringContaining('this machine has joined, and its node runs as a service')]);
  expect((await far.paste(removeLine)).code).toBe(0);
  expect((await far.root('rm -r /home/pat/install')).code).toBe(0);
  expect(await far.everything()).toEqual(untouched);
});

test('who is refused is told why in one sentence, and nothing is left', async () => {
  const { line, id } = await invited();
  expect((await client.ask(`api/invites/${id}`, { method: 'DELETE' })).status).toBe(204);
  const { code, text } = await far.paste(line);
  expect([code, text.split('\n').slice(-2)]).toEqual([
    1,
    [
      'sealcast: the master takes this invite no more: it was used, was withdrawn, or has expired. Take a new line from its page',
      '',
    ],
  ]);
  expect(await far.everything()).toEqual(untouched);
});

test('through nginx a slow line gets the whole archive', async () => {
  const name = readdirSync(folder).find((file) => file.endsWith('.gz')) ?? '';
  const { order } = await invited();
  const line = `curl -fsSk --limit-rate 12M ${order.from}/${name} | sha256sum`;
  expect(await said(line)).toBe(`${name.slice(0, 64)}  -`);
});

test.for([
  ['x86_64', 62],
  ['aarch64', 183],
] as const)('the archive for %s holds programs of that machine alone', async ([machine, number]) => {
  const program = readFileSync(join(folder, readdirSync(folder).find((file) => file.endsWith('.sh')) ?? ''), 'utf8');
  const archive = new RegExp(`^archive_${machine === 'x86_64' ? 'x64' : 'arm64'}=(\\w+)$`, 'm').exec(program)?.[1];
  await using unpacked = await unpack(join(folder, `${archive}.tar.gz`));
  const machines = unpacked.elfFiles().map(({ path, machine: of }) => `${of} ${path}`);
  expect(machines.length).toBeGreaterThan(8);
  expect(machines.filter((line) => !line.startsWith(`${number} `))).toEqual([]);
  for (const path of [
    'usr/bin/node',
    'usr/bin/live-check',
    `app/zeromq-${machine === 'x86_64' ? 'x64' : 'arm64'}.node`,
  ])
    expect(machines).toContain(`${number} ${path}`);
});
