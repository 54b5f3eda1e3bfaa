import { expect, test } from 'vitest';
import { sample } from '../sample.ts';
import { enrolled } from '../store/scratch-store.ts';
import { nodeId, nodeView } from './fake-fleet.ts';
import { testServer } from './test-server.ts';

const hostile = '"><script>alert(1)</script>\u2028{{7*7}}${7*7}\'; DROP TABLE nodes; --';

async function signedIn() {
  const server = await testServer();
  const headers = await server.signIn();
  return {
    ...server,
    put: async (url: string, payload: object) => server.app.inject({ method: 'PUT', url, headers, payload }),
    get: async (url: string) => server.app.inject({ url, headers }),
    send: async (url: string, payload: object) => server.post(url, payload, headers),
    remove: async (url: string) => server.app.inject({ method: 'DELETE', url, headers }),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

test('nodes are told whole, with the time of the master', async () => {
  await using server = await signedIn();
  const never = nodeView({ id: 'b'.repeat(32), state: 'never', facts: null, sample: null, lastSeen: null });
  server.fleet.setNode(never);
  expect((await server.get('/api/nodes')).json()).toEqual({ time: server.clock.ms, nodes: [nodeView(), never] });
});

test('what a hostile node calls itself comes back as JSON, letter for letter', async () => {
  await using server = await signedIn();
  const disks = [{ mount: hostile, device: hostile, type: hostile, total: 1, free: 0 }];
  const node = nodeView({ name: hostile, sample: sample(1, 2000, { disks }) });
  server.fleet.setNode(node);
  const answer = await server.get('/api/nodes');
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
  expect(answer.headers['x-content-type-options']).toBe('nosniff');
  expect(answer.json<{ nodes: unknown[] }>().nodes).toEqual([node]);
});

test('the history of a node is what the store has of the last minutes', async () => {
  await using server = await signedIn();
  const id = enrolled(server.store, 'a');
  const { ms } = server.clock;
  const samples = [sample(1, ms - 120_000), sample(2, ms - 60_000, { cpu: 50 }), sample(3, ms)];
  server.store.samples.insert([{ node: id, samples }]);
  const history = async (query: string) => (await server.get(`/api/nodes/${nodeId}/history${query}`)).json();
  expect(await history('?minutes=2')).toMatchObject({ at: [ms - 60_000, ms], cpu: [50, 12.5], swap: [null, null] });
  expect(await history('')).toMatchObject({ at: [ms - 120_000, ms - 60_000, ms] });
});

test('there is no history of a node that is not there', async () => {
  await using server = await signedIn();
  const answer = await server.get(`/api/nodes/${'f'.repeat(32)}/history`);
  expect([answer.statusCode, answer.json()]).toEqual([404, { error: 'There is no such node.' }]);
});

test('a command goes to the fleet in the name of who is signed in', async () => {
  await using server = await signedIn();
  const action = { type: 'text', text: 'tea\tis\nready – ☕' };
  const answer = await server.send('/api/commands', { action, targets: [nodeId], expiresInSeconds: 60 });
  expect(answer.statusCode).toBe(201);
  expect(server.fleet.orders).toEqual([{ action, targets: [nodeId], expiresInSeconds: 60, by: 'admin' }]);
  expect(answer.json()).toMatchObject({ by: 'admin', action, everyone: false, receipts: [{ outcome: 'waiting' }] });
  expect((await server.get('/api/commands')).json()).toEqual({ commands: [answer.json()] });
});

test('a command for everyone expires in an hour where nobody says when', async () => {
  await using server = await signedIn();
  await server.send('/api/commands', { action: { type: 'interval', seconds: 10 }, targets: 'everyone' });
  expect(server.fleet.orders).toMatchObject([{ targets: 'everyone', expiresInSeconds: 3600 }]);
});

test('a command with one target that is not there goes to none', async () => {
  await using server = await signedIn();
  const targets = [nodeId, 'f'.repeat(32)];
  const answer = await server.send('/api/commands', { action: { type: 'interval', seconds: 10 }, targets });
  expect([answer.statusCode, answer.json()]).toEqual([404, { error: 'There is no such node.' }]);
  expect(server.fleet.orders).toEqual([]);
});

test.for([
  ['a single letter', 'a', 201],
  ['4096 bytes', 'a'.repeat(4096), 201],
  ['4096 bytes of longer letters', 'ä'.repeat(2048), 201],
  ['a tab and a line end', '\t\n', 201],
  ['nothing', '', 400],
  ['4097 bytes', 'a'.repeat(4097), 400],
  ['more than 4096 bytes in fewer letters', 'ä'.repeat(2049), 400],
  ['half of a surrogate pair', '\ud800', 400],
  ['a zero byte', 'a\u0000', 400],
  ['a carriage return', 'a\r\n', 400],
  ['an escape', '\u001b[2J', 400],
  ['a delete', '\u007f', 400],
  ['a control character above ASCII', '\u0085', 400],
] as const)('a text of %s', async ([, text, status]) => {
  await using server = await signedIn();
  const answer = await server.send('/api/commands', { action: { type: 'text', text }, targets: 'everyone' });
  expect(answer.statusCode).toBe(status);
  expect(server.fleet.orders).toHaveLength(status === 201 ? 1 : 0);
});

test('a command for a thousand nodes is not too large', async () => {
  await using server = await signedIn();
  const targets = Array.from({ length: 1000 }, (_, index) => index.toString(16).padStart(32, '0'));
  for (const id of targets) server.fleet.setNode(nodeView({ id }));
  const action = { type: 'text', text: '"'.repeat(4096) };
  expect((await server.send('/api/commands', { action, targets })).statusCode).toBe(201);
});

test('an invite names the host of the master, or the one that is asked for', async () => {
  await using server = await signedIn();
  const seconds = Math.floor(server.clock.ms / 1000);
  const made = await server.send('/api/invites', { label: 'node-1' });
  expect(made.json()).toEqual({
    install: null,
    id: 'e'.repeat(64),
    invite: 'sealcast1:master.lan',
    expires: seconds + 24 * 3600,
  });
  const other = await server.send('/api/invites', { label: 'node-2', host: '2001:db8::1', hours: 1 });
  expect(other.json()).toMatchObject({ invite: 'sealcast1:2001:db8::1', expires: seconds + 3600 });
});

test('an invite needs a host where the master does not know its own', async () => {
  await using server = await testServer({ publicHost: undefined });
  const answer = await server.post('/api/invites', { label: 'node-1' }, await server.signIn());
  expect([answer.statusCode, answer.json()]).toEqual([
    400,
    { error: 'Name the host or the address where nodes reach this master, without https:// and without a port.' },
  ]);
});

test.each([
  [`${'a'.repeat(61)}.lan`, 'An invite has room for a host of 64 characters; write a shorter name, or the address.'],
  ['10.0.0.300', 'Name the host or the address where nodes reach this master, without https:// and without a port.'],
])('an invite for the host %s is refused with the reason', async (host, error) => {
  await using server = await signedIn();
  const answer = await server.send('/api/invites', { label: 'node-1', host });
  expect([answer.statusCode, answer.json()]).toEqual([400, { error }]);
});

test.each([
  ['master.lan', 'master.lan'],
  [undefined, null],
])('the page is told that invites name %j', async (publicHost, told) => {
  await using server = await testServer({ publicHost });
  const headers = await server.signIn();
  const answer = await server.app.inject({ url: '/api/invites', headers });
  expect(answer.json()).toMatchObject({ publicHost: told });
});

test('invites are listed with their state, and without their codes', async () => {
  await using server = await signedIn();
  const { invites } = server.store;
  const created = 1_600_000_000;
  const add = (digit: string, expires: number) =>
    invites.add({ hash: digit.repeat(64), label: hostile, created, expires });
  const spentBy = enrolled(server.store, '1');
  add('2', 1_800_000_000);
  add('3', 1_800_000_000);
  add('4', server.clock.ms / 1000);
  invites.withdraw('3'.repeat(64), server.clock.ms);
  const list = (await server.get('/api/invites')).json<{ invites: { id: string; state: string; spentBy: string }[] }>();
  expect(list.invites.map(({ id, state }) => `${id[0]} ${state}`).toSorted()).toEqual([
    '1 spent',
    '2 open',
    '3 withdrawn',
    '4 expired',
  ]);
  expect(list.invites.find(({ state }) => state === 'spent')).toMatchObject({ spentBy });
  expect(list.invites.find(({ state }) => state === 'open')).toEqual({
    id: '2'.repeat(64),
    label: hostile,
    created,
    expires: 1_800_000_000,
    state: 'open',
    spentBy: null,
  });
});

test('an invite that is withdrawn stays so, and one that was spent is told from it', async () => {
  await using server = await signedIn();
  enrolled(server.store, '1');
  server.store.invites.add({ hash: '2'.repeat(64), label: '', created: 1, expires: 1_800_000_000 });
  const withdraw = async (digit: string) => (await server.remove(`/api/invites/${digit.repeat(64)}`)).statusCode;
  expect([await withdraw('1'), await withdraw('2'), await withdraw('2'), await withdraw('3')]).toEqual([
    409, 204, 204, 404,
  ]);
  expect(server.store.invites.find('2'.repeat(64))?.withdrawnAt).toBe(server.clock.ms);
});

test('what was refused and who was cut off is counted by its reason', async () => {
  await using server = await signedIn();
  expect((await server.get('/api/refusals')).json()).toEqual({
    counts: { 'seal.open': 3, 'join.invite': 0 },
    cuts: { 'cut.unknown': 2 },
  });
});

test('the state of the transport is told', async () => {
  await using server = await signedIn();
  expect((await server.get('/api/status')).json()).toEqual({ transport: { up: true, since: 4000, restarts: 1 } });
});

test('a node is removed in the name of who is signed in, once', async () => {
  await using server = await signedIn();
  const remove = () => server.remove(`/api/nodes/${nodeId}`);
  expect((await remove()).statusCode).toBe(204);
  const again = await remove();
  expect([again.statusCode, again.json()]).toEqual([404, { error: 'There is no such node.' }]);
  expect(server.fleet.removals).toEqual([{ id: nodeId, by: 'admin' }]);
});

test('a node is renamed in the name of who is signed in, by a name without control characters', async () => {
  await using server = await signedIn();
  const name = async (payload: object, id = nodeId) => (await server.put(`/api/nodes/${id}/name`, payload)).statusCode;
  expect(await name({ name: 'the loft' })).toBe(204);
  expect(await name({ name: null })).toBe(204);
  expect(server.fleet.names).toEqual([
    { id: nodeId, name: 'the loft', by: 'admin' },
    { id: nodeId, name: null, by: 'admin' },
  ]);
  for (const wrong of ['', 'a\nb', 'a\u001b[1m', 'a\u0085', 'x'.repeat(65), 7])
    expect(await name({ name: wrong })).toBe(400);
  expect(await name({})).toBe(400);
  expect(await name({ name: 'x' }, 'f'.repeat(32))).toBe(404);
});

test('who is held out as a clone is let in again in the name of who is signed in', async () => {
  await using server = await signedIn();
  const cloned = nodeView({ cloned: { since: 3000, tries: 2 } });
  server.fleet.setNode(cloned);
  expect((await server.get('/api/nodes')).json()).toMatchObject({ nodes: [{ cloned: { since: 3000, tries: 2 } }] });
  expect((await server.remove(`/api/nodes/${nodeId}/clone`)).statusCode).toBe(204);
  expect(server.fleet.letIn).toEqual([{ id: nodeId, by: 'admin' }]);
  expect((await server.remove(`/api/nodes/${'f'.repeat(32)}/clone`)).statusCode).toBe(404);
});

test.each([
  { type: 'rotate' },
  { type: 'run', program: `/${'ä'.repeat(127)}`, arguments: Array<string>(32).fill('ä'.repeat(128)), seconds: 3600 },
  { type: 'run', program: '/bin/true', arguments: [], seconds: 1 },
  { type: 'run', program: '/bin/echo', arguments: ['', '$(reboot); "'], seconds: 1 },
])('an order to $type within the limits of the protocol is taken as it is', async (action) => {
  await using server = await signedIn();
  const answer = await server.send('/api/commands', { action, targets: 'everyone' });
  expect(answer.statusCode).toBe(201);
  expect(answer.json()).toMatchObject({ action, receipts: [{ output: null }] });
  expect(server.fleet.orders).toMatchObject([{ action, by: 'admin' }]);
});

test('relays are added, listed beside the line of the master, and removed', async () => {
  await using server = await signedIn();
  const line = 'sealcast-hop1:barn';
  const added = await server.send('/api/relays', { name: 'barn', line });
  expect([added.statusCode, added.json()]).toEqual([
    201,
    {
      id: 'd'.repeat(32),
      name: 'barn',
      host: 'relay.lan',
      line,
      addedAt: 5000,
      connected: false,
      since: null,
      keptOut: null,
    },
  ]);
  expect((await server.get('/api/relays')).json()).toEqual({ line: 'sealcast-hop1:master', relays: [added.json()] });
  for (const [wrong, sentence] of [
    [line, 'This relay is known already.'],
    ['sealcast-hop1:of a node', 'A node has, or had, the key of this relay; give the relay another one.'],
  ]) {
    const refused = await server.send('/api/relays', { name: 'again', line: wrong });
    expect([refused.statusCode, refused.json()]).toEqual([409, { error: sentence }]);
  }
  expect((await server.remove(`/api/relays/${'d'.repeat(32)}`)).statusCode).toBe(204);
  expect((await server.remove(`/api/relays/${'d'.repeat(32)}`)).statusCode).toBe(404);
  expect((await server.get('/api/relays')).json()).toMatchObject({ relays: [] });
});

test('a master that can not say how it is reached has no line', async () => {
  await using server = await testServer({ hopLine: undefined });
  const answer = await server.app.inject({ url: '/api/relays', headers: await server.signIn() });
  expect(answer.json()).toEqual({ line: '', relays: [] });
});

test('an invite through a relay names the relay', async () => {
  await using server = await signedIn();
  await server.send('/api/relays', { name: 'barn', line: 'sealcast-hop1:barn' });
  const made = await server.send('/api/invites', { label: 'node-1', relay: 'd'.repeat(32) });
  expect(made.json()).toMatchObject({ invite: 'sealcast1:through relay.lan' });
  expect((await server.send('/api/invites', { label: 'node-1', relay: 'c'.repeat(32) })).statusCode).toBe(404);
});
