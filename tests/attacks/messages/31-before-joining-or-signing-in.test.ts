// The attacker is whoever is not where he would have to be: he has not joined, or not yet, or no longer, or speaks for another; he has
// not signed in, or not yet, or no longer. Every kind of message and every route is tried from each of these states.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { kinds, kindsFrom } from '@sealcast/channel/frame';
import { parseInvite } from '@sealcast/channel/invite';
import { NodeJoin } from '@sealcast/channel/join-node';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { curveKeyPair, Push, Subscriber } from 'zeromq';
import { describe, expect, test } from 'vitest';
import { Wire } from '../../stack/wire.ts';
import { PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { testServer } from '../../unit/master/http/test-server.ts';
import { frameOf, type Kind, messages, outcomeOf } from './kinds-by-party.ts';
import { everybody, parties } from './parties.ts';
import { asked, changes, routes, stocked, visitors } from './routes.ts';
import { stateOf } from './up-frames.ts';

function takenAt(port: 'join' | 'data'): Set<number> {
  return new Set(
    Object.entries(messages).flatMap(([kind, ports]) =>
      Object.values(ports[port]).includes('taken') ? [kinds[kind as Kind]] : [],
    ),
  );
}

describe('every message before joining, while joining and afterwards', () => {
  test('the table knows every kind and every role', () => {
    expect(Object.keys(messages).toSorted()).toEqual(Object.keys(kinds).toSorted());
    for (const ports of Object.values(messages))
      for (const roles of Object.values(ports)) expect(Object.keys(roles)).toEqual(everybody);
    expect(takenAt('data')).toEqual(kindsFrom('node'));
    expect(takenAt('join')).toEqual(new Set([kinds.hello, kinds.confirm]));
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
    const identity = nodeIdentity(
      newIdentitySecrets(systemEntropy),
      { mechanism: 'curve', secret: decodeZ85(own.secretKey) },
      randomBytes(16),
    );
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
