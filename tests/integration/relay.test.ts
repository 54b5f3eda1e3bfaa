import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import type { RelayView } from '@sealcast/master/fleet/views';
import { expect, test } from 'vitest';
import type { Admin } from '../stack/admin.ts';
import { inviteThrough, masterLine, RelayProcess, tellOf } from '../stack/relay-process.ts';
import { ServiceProcess } from '../stack/service-process.ts';
import { Stack } from '../stack/stack.ts';

async function reportingFrom(admin: Admin, count: number) {
  return await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => sample !== null).length === count);
}

async function confirms(admin: Admin, text: string): Promise<string[]> {
  const { id } = await admin.broadcast(text);
  const { receipts } = await admin.confirmed(id);
  return receipts.map(({ name }) => name).toSorted();
}

test('a node joins, reports and is broadcast to through a relay, as others do without one', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  const known = await tellOf(admin, await relay.line());
  await relay.process.says('the way up is open');
  stack.startNode('near', 1);
  const far = stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
  await reportingFrom(admin, 2);
  expect(await confirms(admin, 'to both sides')).toEqual(['far', 'near']);
  await far.line((line) => line['text'] === 'to both sides');
});

test('an invite through a relay leads to the relay, and pins the keys of the master', async () => {
  await using stack = await Stack.start();
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  const line = await relay.line();
  const invite = parseInvite(await inviteThrough(admin, await tellOf(admin, line)));
  const { host, data, join: joinPorts, curve } = parseHop(line);
  const own = parseInvite(await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8'));
  expect(invite).toMatchObject({ host, data, join: joinPorts, curve, rsa: own.rsa, signing: own.signing });
  expect(Buffer.from(invite.curve)).not.toEqual(Buffer.from(own.curve));
});

test('relays can be stacked', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  const admin = await stack.signIn();
  await using upper = await RelayProcess.start(await masterLine(admin));
  await tellOf(admin, await upper.line(), 'upper');
  await using lower = await RelayProcess.start(await upper.line());
  const known = await tellOf(admin, await lower.line(), 'lower');
  await lower.process.says('the way up is open');
  stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
  await reportingFrom(admin, 1);
  expect(await confirms(admin, 'through two relays')).toEqual(['far']);
});

test('a relay that the master was not told of says so once, with its line, and works as soon as it is', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  expect(await relay.process.says('paste this line')).toMatchObject({ level: 'warn', line: await relay.line() });
  // Two connections a round: it has tried again, and then once more.
  const denied = () => stack.master.lines.filter(({ reason }) => reason === 'cut.denied').length;
  await expect.poll(denied, { timeout: 30_000 }).toBeGreaterThan(4);
  expect(relay.process.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  const known = await tellOf(admin, await relay.line());
  await relay.process.says('the way up is open');
  stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
  expect(await reportingFrom(admin, 1)).toMatchObject([{ name: 'far', state: 'alive' }]);
  expect(relay.process.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
});

test('a relay whose hop above is not there says so, and its master shows since when it is not connected', async () => {
  await using stack = await Stack.start();
  const admin = await stack.signIn();
  const shown = async () => (await admin.get<{ relays: RelayView[] }>('relays')).relays;
  const upstream = await masterLine(admin);
  await using relay = await RelayProcess.start(upstream);
  await tellOf(admin, await relay.line());
  await relay.process.says('the way up is open');
  await expect.poll(shown, { timeout: 10_000 }).toMatchObject([{ connected: true }]);
  const [{ since: connectedAt }] = (await shown()) as [RelayView];
  await relay.process.stop('SIGKILL');
  await expect.poll(shown, { timeout: 10_000 }).toMatchObject([{ connected: false }]);
  const [{ since }] = (await shown()) as [RelayView];
  expect(since).toBeGreaterThan(connectedAt ?? Infinity);
  await stack.master.stop();
  await relay.restart();
  await relay.process.says('the hop above cannot be reached');
  await stack.restartMaster();
  await relay.process.says('the way up is open');
});

test('a relay that the master was told to forget carries nothing any more', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  const known = await tellOf(admin, await relay.line());
  await relay.process.says('the way up is open');
  const far = stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
  await reportingFrom(admin, 1);
  await admin.delete(`relays/${known.id}`);
  await relay.process.says('the master does not know this relay');
  await far.says('the link to the master is lost');
  expect(await admin.get('relays')).toMatchObject({ relays: [] });
});

test('nodes come back by themselves after their relay was killed and started again', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  const line = await relay.line();
  const known = await tellOf(admin, line);
  stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
  const [before] = await reportingFrom(admin, 1);
  await relay.restart();
  expect(await relay.line()).toBe(line);
  const seen = before?.sample?.number ?? 0;
  await admin.nodesWhen(([node]) => (node?.sample?.number ?? 0) > seen + 3);
  expect(await confirms(admin, 'after the relay')).toEqual(['far']);
});

test('nodes come back through their relay after the master was killed and started again', async () => {
  await using stack = await Stack.start({ master: { report_interval: '1' } });
  await using relay = await RelayProcess.start(await masterLine(await stack.signIn()));
  const admin = await stack.signIn();
  const known = await tellOf(admin, await relay.line());
  const far = stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
  await reportingFrom(admin, 1);
  await stack.master.stop('SIGKILL');
  await stack.restartMaster();
  await far.says('the link to the master is lost');
  const again = await stack.signIn();
  await again.nodesWhen(([node]) => node?.state === 'alive');
  expect(await confirms(again, 'after the master')).toEqual(['far']);
});

test('the keys of a relay are its own, and nobody else can read them', async () => {
  await using stack = await Stack.start();
  const admin = await stack.signIn();
  await using relay = await RelayProcess.start(await masterLine(admin));
  const file = join(relay.folder, 'relay', 'relay.json');
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const { down, up } = JSON.parse(await readFile(file, 'utf8'));
  for (const { secretKey } of [down, up]) expect(relay.process.text).not.toContain(secretKey);
  await relay.process.stop();
  await writeFile(file, '{}');
  await using damaged = new ServiceProcess('relay', {
    mq_upstream: await relay.line(),
    mq_public_host: 'localhost',
    relay_dir: join(relay.folder, 'relay'),
  });
  expect(await damaged.exited).toBe(1);
  expect(damaged.text).toContain('is damaged: put its backup back');
});

test('a relay that is told too little or something wrong says all of it, and what to write', async () => {
  await using bare = new ServiceProcess('relay', { mq_relays: 'x' });
  expect(await bare.exited).toBe(1);
  expect(bare.text).toContain('mq_upstream is not set: the line of the master that this relay is for');
  expect(bare.text).toContain('mq_public_host is not set');
  expect(bare.text).toContain('mq_relays is not the line of a hop');
  await using damaged = new ServiceProcess('relay', { mq_upstream: 'sealcast-hop1:AAAA', mq_public_host: 'x' });
  expect(await damaged.exited).toBe(1);
  expect(damaged.text).toContain('mq_upstream is not the line of a hop, or a damaged one');
});
