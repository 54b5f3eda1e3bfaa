import { dataFrameMax, joinFrameMax } from '@sealcast/channel/constants';
import type { Refusal } from '@sealcast/channel/errors';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Admits } from '@sealcast/hop/admission';
import { proveDataDoorClosed } from '@sealcast/hop/door-check';
import { HopServer } from '@sealcast/hop/server';
import { bindSockets, closeSockets, openSockets } from '@sealcast/hop/sockets';
import { createLog } from '@sealcast/runtime/log';
import { expect, test } from 'vitest';
import { Context, curveKeyPair, Push, type Socket, Subscriber } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';
import { firstOf, HopWire } from '../stack/hop-wire.ts';

const log = createLog('test', 'silent');

async function bound({ everybody = false } = {}) {
  const [dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0] = await freePorts([0, 0, 0, 0]);
  const curve = curveKeyPair();
  const member = curveKeyPair();
  const memberKey = Buffer.from(decodeZ85(member.publicKey));
  const admits: Admits = ({ hopKey }) => everybody || memberKey.equals(hopKey);
  const transport = new HopServer({
    host: '127.0.0.1',
    ports: { dataIn, dataOut, joinIn, joinOut },
    credentials: { mechanism: 'curve', ...curve },
    admits,
    log,
  });
  const got: { port: string; frame: Buffer }[] = [];
  const refused: string[] = [];
  const waiting = new Set<() => void>();
  const wake = () => waiting.forEach((look) => look());
  const take = (port: string) => (frame: Uint8Array) => {
    got.push({ port, frame: Buffer.from(frame) });
    wake();
  };
  const start = () =>
    transport.start({
      join: take('join'),
      data: take('data'),
      refused: ({ code }: Refusal) => {
        refused.push(code);
        wake();
      },
    });
  const until = async (holds: () => boolean) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const look = () => holds() && resolve();
    waiting.add(look);
    look();
    await promise;
    waiting.delete(look);
  };
  const sockets: Socket[] = [];
  const client = (keys = curveKeyPair(), serverKey = curve.publicKey) => ({
    linger: 0,
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
    curveServerKey: serverKey,
  });
  const push = (port: number, options: object): Push => {
    const socket = new Push(options);
    sockets.push(socket);
    socket.connect(`tcp://127.0.0.1:${port}`);
    return socket;
  };
  return {
    transport,
    start,
    got,
    refused,
    until,
    client,
    push,
    member,
    curve,
    ports: { dataIn, dataOut, joinIn, joinOut },
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.close();
      await transport.stop();
    },
  };
}

test('the data port takes the key of a joined node, and no other', async () => {
  await using wire = await bound();
  await wire.start();
  const stranger = wire.push(wire.ports.dataIn, wire.client());
  expect(await firstOf(stranger)).toBe('handshake:error:auth');
  const node = wire.push(wire.ports.dataIn, wire.client(wire.member));
  expect(await firstOf(node)).toBe('handshake');
  await node.send('from a member');
  await wire.until(() => wire.got.length > 0);
  expect(wire.got).toEqual([{ port: 'data', frame: Buffer.from('from a member') }]);
});

test('the join port takes any key', async () => {
  await using wire = await bound();
  await wire.start();
  const stranger = wire.push(wire.ports.joinIn, wire.client());
  expect(await firstOf(stranger)).toBe('handshake');
  await stranger.send('may I?');
  await wire.until(() => wire.got.length > 0);
  expect(wire.got[0]?.port).toBe('join');
});

test('a client that expects another server key gets no connection', async () => {
  await using wire = await bound();
  await wire.start();
  const misled = wire.push(wire.ports.joinIn, wire.client(curveKeyPair(), curveKeyPair().publicKey));
  expect(await firstOf(misled)).not.toBe('handshake');
});

test('a master whose data port lets an unknown key in refuses to run', async () => {
  await using wire = await bound({ everybody: true });
  await expect(wire.start()).rejects.toThrow('the data port let a stranger in');
});

test('a door that does not answer is no closed door', async () => {
  const [nobody] = await freePorts([0]);
  await expect(
    proveDataDoorClosed(`tcp://127.0.0.1:${nobody}`, { mechanism: 'curve', ...curveKeyPair() }),
  ).rejects.toThrow('did not answer');
});

test('without a ZAP handler nobody gets in, on any port', async () => {
  const server = curveKeyPair();
  const sockets = openSockets(new Context(), { mechanism: 'curve', ...server });
  const { dataIn, dataOut, joinIn, joinOut } = await bindSockets(sockets);
  const { publicKey, secretKey } = curveKeyPair();
  const keys = { linger: 0, curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: server.publicKey };
  const clients = [new Push(keys), new Subscriber(keys), new Push(keys), new Subscriber(keys)];
  const outcomes = clients.map(firstOf);
  for (const [index, port] of [dataIn, dataOut, joinIn, joinOut].entries())
    clients[index]?.connect(`tcp://127.0.0.1:${port}`);
  const seen = await Promise.all(outcomes);
  for (const client of clients) client.close();
  closeSockets(sockets);
  expect(seen).not.toContain('handshake');
});

test('a message of two frames is refused and counted', async () => {
  await using wire = await bound();
  await wire.start();
  const node = wire.push(wire.ports.dataIn, wire.client(wire.member));
  await node.send(['one', 'two']);
  await wire.until(() => wire.refused.length > 0);
  expect(wire.refused).toEqual(['frame.parts']);
  expect(wire.got).toEqual([]);
});

test.each([
  ['join', 'joinIn', joinFrameMax],
  ['data', 'dataIn', dataFrameMax],
] as const)('a frame above the limit of the %s port never arrives, one at the limit does', async (_, port, max) => {
  await using wire = await bound();
  await wire.start();
  const large = wire.push(wire.ports[port], wire.client(wire.member));
  const { promise: dropped, resolve } = Promise.withResolvers<void>();
  large.events.on('disconnect', () => resolve());
  await large.send(Buffer.alloc(max + 1));
  await dropped;
  const node = wire.push(wire.ports[port], wire.client(wire.member));
  await node.send(Buffer.alloc(max));
  await wire.until(() => wire.got.length > 0);
  expect(wire.got.map(({ frame }) => frame.length)).toEqual([max]);
});

test('what is published reaches who subscribed to its topic, and nobody else', async () => {
  await using wire = await bound();
  await wire.start();
  const sub = new Subscriber(wire.client(wire.member));
  wire.sockets.push(sub);
  sub.subscribe('mine');
  const open = firstOf(sub);
  sub.connect(`tcp://127.0.0.1:${wire.ports.dataOut}`);
  expect(await open).toBe('handshake');
  const received = sub.receive();
  // A subscription travels after the handshake; what is published before it arrives is lost, as for any node.
  const repeat = setInterval(() => {
    wire.transport.outlet.data(Buffer.from('theirs'), Buffer.from('no'));
    wire.transport.outlet.data(Buffer.from('mine'), Buffer.from('yes'));
  }, 20);
  const frames = await received;
  clearInterval(repeat);
  expect(frames.map(String)).toEqual(['mine', 'yes']);
});

test('its own try at the door counts for nothing', async () => {
  await using wire = await HopWire.start();
  expect(Object.values(wire.server.cuts()).some((count) => count > 0)).toBe(false);
  expect(await firstOf(wire.push('dataIn', wire.stranger()))).toBe('handshake:error:auth');
  expect(wire.cuts('cut.denied')).toBe(1);
});
