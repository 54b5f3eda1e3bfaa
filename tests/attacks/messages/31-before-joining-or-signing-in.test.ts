// The attacker is whoever is not where he would have to be: he has not joined, or not yet, or no longer, or speaks for another; he has
// not signed in, or not yet, or no longer. Every kind of message and every route is tried from each of these states.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { kinds, kindsFrom } from '@sealcast/channel/frame';
import { parseInvite } from '@sealcast/channel/invite';
import { NodeJoin } from '@sealcast/channel/join-node';
import { fingerprint } from '@sealcast/channel/master-keys';
import { newIdentitySecrets, nodeIdentity, type NodeIdentity } from '@sealcast/channel/node-identity';
import { makeRotate } from '@sealcast/channel/rotate';
import type { UpMessage } from '@sealcast/channel/session';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { curveKeyPair, Push, Subscriber } from 'zeromq';
import { describe, expect, test } from 'vitest';
import { Wire } from '../../stack/wire.ts';
import { rawEnvelope } from '../../unit/channel/raw-envelope.ts';
import { openEvents } from '../../unit/master/http/open-events.ts';
import { nodeId } from '../../unit/master/http/fake-fleet.ts';
import { testServer } from '../../unit/master/http/test-server.ts';
import { newIdentity, PaperFleet, PaperNode, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { facts, stateOf } from './up-frames.ts';

type Kind = keyof typeof kinds;

/** Who he is: his frame of each kind, as good as he can make it. */
interface Party {
  node: PaperNode;
  identity: NodeIdentity;
  code?: Uint8Array;
  confirm?: Uint8Array | undefined;
  /** Names a session, his own or another's. */
  keyId: Uint8Array;
  /** Whether the session is his own, so that he can seal under it. */
  seals: boolean;
}

function joined(world: PaperFleet): Party {
  const node = new PaperNode(world);
  const hello = node.hello(world.invite());
  if (hello === undefined) throw new Error('expected an offer');
  node.send(hello.confirm, 'join');
  node.kill();
  return { node, identity: node.identity, confirm: hello.confirm, keyId: hello.confirm.subarray(4, 12), seals: true };
}

function outside(world: PaperFleet, code?: Uint8Array): Party {
  const node = new PaperNode(world);
  return { node, identity: node.identity, ...(code && { code }), keyId: randomBytes(8), seals: false };
}

const parties = {
  stranger: (world) => outside(world, randomBytes(16)),
  invited: (world) => outside(world, world.invite()),
  pending: (world) => {
    const code = world.invite();
    const party = outside(world, code);
    const confirm = party.node.hello(code)?.confirm;
    return { ...party, confirm, keyId: confirm?.subarray(4, 12) ?? party.keyId };
  },
  removedWhilePending: (world) => {
    const party = joined(world);
    const confirm = party.node.hello()?.confirm;
    world.fleet.remove(party.node.id, 'admin');
    return { ...party, confirm };
  },
  live: joined,
  left: (world) => {
    const party = joined(world);
    party.node.say({ kind: 'leave', body: {} });
    return party;
  },
  removed: (world) => {
    const party = joined(world);
    world.fleet.remove(party.node.id, 'admin');
    world.pass(11_000);
    return party;
  },
  forgotten: (world) => {
    const party = joined(world);
    world.restart();
    return party;
  },
  impostor: (world) => {
    const victim = joined(world);
    const own = joined(world);
    const { id } = victim.identity;
    return { ...own, identity: { ...own.identity, id }, confirm: undefined, keyId: victim.keyId, seals: false };
  },
} satisfies Record<string, (world: PaperFleet) => Party>;

type Role = keyof typeof parties;
type Outcome = string;
const everybody = Object.keys(parties) as Role[];

function all(outcome: Outcome, but: Partial<Record<Role, Outcome>> = {}): Record<Role, Outcome> {
  return Object.fromEntries(everybody.map((role) => [role, but[role] ?? outcome])) as Record<Role, Outcome>;
}

const sealed = all('key.unknown', { live: 'taken', impostor: 'seal.open' });
const nowhere = { join: all('frame.kind'), data: all('frame.kind') };
const inSession = { join: all('frame.kind'), data: sealed };

/** What each gets for each kind at each port. */
const messages: Record<Kind, Record<'join' | 'data', Record<Role, Outcome>>> = {
  hello: {
    join: all('taken', {
      stranger: 'join.invite',
      removed: 'join.removed',
      removedWhilePending: 'join.removed',
      impostor: 'join.identity',
    }),
    data: all('frame.kind'),
  },
  confirm: {
    // The same bytes again get the same answer again, and bring about nothing.
    join: all('key.unknown', {
      pending: 'taken',
      removedWhilePending: 'join.removed',
      live: 'taken',
      left: 'taken',
      impostor: 'seal.open',
    }),
    data: all('frame.kind'),
  },
  offer: nowhere,
  welcome: nowhere,
  refusal: nowhere,
  report: inSession,
  facts: inSession,
  receipt: inSession,
  ask: inSession,
  rotate: inSession,
  leave: inSession,
  otherUp: nowhere,
  ack: nowhere,
  command: nowhere,
  epoch: nowhere,
  rotated: nowhere,
  otherDown: nowhere,
  broadcast: nowhere,
};

function bodyOf(kind: Kind, { node, identity }: Party): UpMessage | undefined {
  const next = newIdentity(identity.id);
  const bodies: Partial<Record<Kind, UpMessage>> = {
    report: { kind: 'report', body: { samples: [] } },
    facts: { kind: 'facts', body: facts },
    receipt: { kind: 'receipt', body: { command: randomBytes(16), outcome: 'done' } },
    ask: { kind: 'ask', body: { epoch: 1, missing: [] } },
    leave: { kind: 'leave', body: {} },
    rotate: { kind: 'rotate', body: makeRotate(identity, next, fingerprint(node.world.keys.signingPublic)) },
  };
  return bodies[kind];
}

function frameOf(kind: Kind, party: Party): Uint8Array {
  const { node, identity, code, confirm, keyId, seals } = party;
  if (kind === 'hello')
    return new NodeJoin({ rsa: rsa.newest, signing: node.world.keys.signingPublic }, identity, code, systemEntropy)
      .hello;
  if (kind === 'confirm' && confirm) return confirm;
  const message = bodyOf(kind, party);
  if (message && seals) return node.seal(message);
  const body = randomBytes(32);
  const [sender, target] = [identity.id, randomBytes(16)];
  const what = { key: randomBytes(32), keyId, outer: kinds[kind], inner: kinds[kind], sequence: 1n, body };
  return rawEnvelope({ ...what, direction: 1, sender, target, epoch: 0n });
}

/** 'taken', or the code that was counted, once. */
function outcomeOf(party: Party, port: 'join' | 'data', frame: Uint8Array): Outcome {
  const { node } = party;
  const before = node.world.fleet.refusals();
  node.send(frame, port);
  const risen = Object.entries(node.world.fleet.refusals()).flatMap(([code, count]) =>
    Array.from({ length: count - (before[code] ?? 0) }, () => code),
  );
  return risen.length === 0 ? 'taken' : risen.join(' ');
}

describe('every message before joining, while joining and afterwards', () => {
  test('the table knows every kind and every role', () => {
    expect(Object.keys(messages).toSorted()).toEqual(Object.keys(kinds).toSorted());
    for (const ports of Object.values(messages))
      for (const roles of Object.values(ports)) expect(Object.keys(roles)).toEqual(everybody);
    const taken = (port: 'join' | 'data') =>
      Object.entries(messages).flatMap(([kind, ports]) =>
        Object.values(ports[port]).includes('taken') ? [kinds[kind as Kind]] : [],
      );
    expect(new Set(taken('data'))).toEqual(kindsFrom('node'));
    expect(new Set(taken('join'))).toEqual(new Set([kinds.hello, kinds.confirm]));
  });

  test.for(everybody)('what a party that is %s gets for each kind at each port', (role) => {
    using world = new PaperFleet();
    const party = parties[role](world);
    const bystander = world.node();
    // What is answered is nobody's to refuse here.
    world.hearers.clear();
    const cells = (Object.keys(messages) as Kind[]).flatMap((kind) =>
      (['join', 'data'] as const).map((port) => ({ kind, port, expected: messages[kind][port][role] })),
    );
    const refused = cells.filter(({ expected }) => expected !== 'taken');
    const taken = cells.filter(({ expected }) => expected === 'taken');
    const before = stateOf(world);
    for (const { kind, port, expected } of refused)
      expect([kind, port, outcomeOf(party, port, frameOf(kind, party))]).toEqual([kind, port, expected]);
    // Also a kind that there is none of.
    const known = new Set<number>(Object.values(kinds));
    for (let byte = 0; byte < 256; byte += 1) {
      if (known.has(byte)) continue;
      const frame = frameOf('report', { ...party, seals: false });
      frame[2] = byte;
      for (const port of ['join', 'data'] as const)
        expect([byte, outcomeOf(party, port, frame)]).toEqual([byte, 'frame.kind']);
    }
    expect(stateOf(world)).toEqual(before);
    expect(refused.length + taken.length).toBe(2 * Object.keys(kinds).length);

    if (taken.some(({ kind }) => kind === 'rotate')) world.orderRotation(party.node);
    for (const { kind, port } of taken)
      expect([kind, outcomeOf(party, port, frameOf(kind, party))]).toEqual([kind, 'taken']);
    expect(bystander.report()).toBeUndefined();
    expect(new PaperNode(world).join(world.invite())).toBe(true);
  });

  test('who is let in to which port', async () => {
    await using wire = await Wire.start();
    const { rsa: rsaSpki, signing, code, curve, data, join } = parseInvite(wire.invite());
    const knock = async (
      own: { publicKey: string; secretKey: string },
      socketOf: typeof Push | typeof Subscriber,
      port: number,
    ) => {
      const keys = { curvePublicKey: own.publicKey, curveSecretKey: own.secretKey, curveServerKey: encodeZ85(curve) };
      const socket = new socketOf({ ...keys, linger: 0 });
      const { promise, resolve } = Promise.withResolvers<'in' | 'out'>();
      socket.events.on('handshake', () => resolve('in'));
      socket.events.on('handshake:error:auth', () => resolve('out'));
      socket.connect(`tcp://127.0.0.1:${port}`);
      const answer = await promise;
      socket.close();
      return answer;
    };
    const everyPort = async (own: { publicKey: string; secretKey: string }) => [
      await knock(own, Push, join[0]),
      await knock(own, Subscriber, join[1]),
      await knock(own, Push, data[0]),
      await knock(own, Subscriber, data[1]),
    ];
    const atTheDoor = ['in', 'in', 'out', 'out'];
    const inside = ['in', 'in', 'in', 'in'];

    expect(await everyPort(curveKeyPair())).toEqual(atTheDoor);
    const own = curveKeyPair();
    const identity = nodeIdentity(newIdentitySecrets(systemEntropy), decodeZ85(own.publicKey), randomBytes(16));
    const pending = new NodeJoin({ rsa: rsaSpki, signing }, identity, code, systemEntropy);
    let confirm: Uint8Array | undefined;
    wire.joinPasses = (_topic, frame) => {
      if (frame[2] === kinds.offer) {
        const step = pending.receive(frame);
        if (step.type === 'offer') confirm = step.confirm;
      }
      return true;
    };
    wire.fleet.receiveJoin(pending.hello);
    expect(confirm).toBeDefined();
    expect(await everyPort(own)).toEqual(atTheDoor);
    if (confirm !== undefined) wire.fleet.receiveJoin(confirm);
    const id = Buffer.from(identity.id).toString('hex');
    expect(await everyPort(own)).toEqual(inside);
    expect(wire.fleet.remove(id, 'admin')).toBe(true);
    expect(await everyPort(own)).toEqual(atTheDoor);
    expect(wire.fleet.cuts()['cut.denied']).toBeGreaterThanOrEqual(6);
  });
});

const invite = 'e'.repeat(64);
const relay = 'd'.repeat(32);
const order = { action: { type: 'text', text: 'hello' }, targets: 'everyone' };

/** What a route answers to whoever is signed in; to everybody else 401, unless `open`. */
const routes: Record<string, { path?: string; body?: object; signedIn: number; open?: number }> = {
  'GET /api/health': { signedIn: 200, open: 200 },
  'POST /api/session': { body: { name: 'admin', password: 'a guess' }, signedIn: 401 },
  'GET /api/session': { signedIn: 200 },
  'GET /api/nodes': { signedIn: 200 },
  'GET /api/nodes/:id/history': { path: `/api/nodes/${nodeId}/history`, signedIn: 200 },
  'DELETE /api/nodes/:id/clone': { path: `/api/nodes/${nodeId}/clone`, signedIn: 204 },
  'GET /api/commands': { signedIn: 200 },
  'POST /api/commands': { body: order, signedIn: 201 },
  'GET /api/invites': { signedIn: 200 },
  'POST /api/invites': { body: { label: 'a' }, signedIn: 201 },
  'DELETE /api/invites/:id': { path: `/api/invites/${invite}`, signedIn: 204 },
  'GET /api/relays': { signedIn: 200 },
  'POST /api/relays': { body: { name: 'barn', line: 'sealcast-hop1:x' }, signedIn: 201 },
  'DELETE /api/relays/:id': { path: `/api/relays/${relay}`, signedIn: 204 },
  'GET /api/status': { signedIn: 200 },
  'GET /api/refusals': { signedIn: 200 },
  'GET /api/events': { signedIn: 200 },
  'DELETE /api/nodes/:id': { path: `/api/nodes/${nodeId}`, signedIn: 204 },
  'DELETE /api/session': { signedIn: 204 },
};

type Server = Awaited<ReturnType<typeof testServer>>;
const hour = 3_600_000;

const visitors: Record<string, (server: Server) => Promise<Record<string, string>>> = {
  'is signed out': async () => ({}),
  'made a session up': async () => ({ cookie: `sealcast_session=${randomBytes(32).toString('base64url')}` }),
  'signed out again': async (server) => {
    const headers = await server.signIn();
    await server.app.inject({ method: 'DELETE', url: '/api/session', headers });
    return headers;
  },
  'was away for twelve hours': async (server) => {
    const headers = await server.signIn();
    server.clock.ms += 12 * hour;
    return headers;
  },
  'signed in thirty days ago': async (server) => {
    const headers = await server.signIn();
    for (let hours = 0; hours < 30 * 24; hours += 11) {
      server.clock.ms += 11 * hour;
      await server.app.inject({ url: '/api/session', headers });
    }
    return headers;
  },
  'has a session of an account whose password was changed': async (server) => {
    const headers = await server.signIn();
    server.store.admins.take(
      { name: 'admin', hash: '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA' },
      9,
    );
    return headers;
  },
};

async function asked(port: number, key: string, headers: Record<string, string>): Promise<number> {
  const [method = '', pattern = ''] = key.split(' ');
  const { path = pattern, body } = routes[key] ?? {};
  if (pattern === '/api/events' && headers['cookie'] !== undefined) {
    using stream = await openEvents(port, { cookie: headers['cookie'] });
    return stream.response.status;
  }
  const json = body && { 'content-type': 'application/json' };
  const init = { method, headers: { ...headers, ...json }, ...(body && { body: JSON.stringify(body) }) };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
  await answer.body?.cancel();
  return answer.status;
}

function stocked(server: Server): void {
  server.store.invites.add({ hash: invite, label: '', created: 1, expires: 4_000_000_000 });
  server.fleet.addRelay({ name: 'attic', line: 'sealcast-hop1:y', by: 'admin' });
}

function changes({ fleet, store }: Server): unknown {
  return [fleet.orders, fleet.removals, fleet.letIn, fleet.relays(), store.invites.list(), fleet.listeners];
}

describe('every route before signing in, while signed in and afterwards', () => {
  test('the table knows every route that the server has', async () => {
    const found: string[] = [];
    await using server = await testServer();
    server.app.addHook('onRoute', ({ method, url }) => void found.push(`${String(method)} ${url}`));
    await server.app.ready();
    // The page's files, which are everybody's.
    const page = /^(GET,HEAD|HEAD,GET) \/\*?$/;
    const names = found.filter((name) => !page.test(name));
    expect(names.length).toBeGreaterThan(15);
    expect(names.toSorted()).toEqual(Object.keys(routes).toSorted());
  });

  test.for(Object.keys(visitors))('who %s gets nothing and changes nothing', async (who) => {
    await using server = await testServer();
    stocked(server);
    const headers = (await visitors[who]?.(server)) ?? {};
    const port = await server.listen();
    const before = structuredClone(changes(server));
    for (const [key, { open = 401 }] of Object.entries(routes))
      expect([key, await asked(port, key, headers)]).toEqual([key, open]);
    expect(changes(server)).toEqual(before);
  });

  test('who is signed in gets what the table says, and with any other method nothing', async () => {
    await using server = await testServer();
    stocked(server);
    const headers = await server.signIn();
    const port = await server.listen();
    const before = structuredClone(changes(server));
    const methods = server.app.supportedMethods.filter((method) => method !== 'CONNECT');
    expect(methods.length).toBeGreaterThan(5);
    const paths = new Map(Object.entries(routes).map(([key, { path }]) => [key.split(' ')[1] ?? '', path]));
    for (const [pattern, path = pattern] of paths)
      for (const method of methods) {
        if (routes[`${method} ${pattern}`] !== undefined) continue;
        const answer = await server.app.inject({ method: method as 'GET', url: path, headers });
        expect([method, pattern, [400, 404].includes(answer.statusCode)]).toEqual([method, pattern, true]);
      }
    expect(changes(server)).toEqual(before);
    for (const [key, { signedIn }] of Object.entries(routes))
      expect([key, await asked(port, key, headers)]).toEqual([key, signedIn]);
    expect(await asked(port, 'GET /api/session', headers)).toBe(401);
  });
});
