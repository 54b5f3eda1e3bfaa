import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHop, parseHop } from '@sealcast/channel/hop-line';
import { parseInvite } from '@sealcast/channel/invite';
import type { RelayView } from '@sealcast/master/fleet/views';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { expect, test, vi } from 'vitest';
import { curveKeyPair, Push } from 'zeromq';
import { Stack } from '../stack/stack.ts';

type CurveKeyPair = ReturnType<typeof curveKeyPair>;

interface Relays {
  line: string;
  relays: RelayView[];
}

function lineOf(up: CurveKeyPair, curve = curveKeyPair()): string {
  const [key, upKey] = [curve.publicKey, up.publicKey].map((text) => decodeZ85(text));
  if (key === undefined || upKey === undefined) throw new Error('two keys were made');
  return formatHop({ host: 'barn.lan', data: [1001, 1002], join: [1003, 1004], curve: key, up: upKey });
}

/** A connection to the data port with these keys: `opened` is true where it is let in, `closed` settles once it is cut. */
function connection(masterLine: string, keys: CurveKeyPair) {
  const { host, data, curve } = parseHop(masterLine);
  const credentials = {
    curveServerKey: encodeZ85(curve),
    curvePublicKey: keys.publicKey,
    curveSecretKey: keys.secretKey,
  };
  const socket = new Push({ linger: 0, reconnectInterval: -1, ...credentials });
  const opened = Promise.withResolvers<boolean>();
  const closed = Promise.withResolvers<void>();
  void (async () => {
    for await (const { type } of socket.events) {
      if (type === 'handshake') opened.resolve(true);
      if (type.startsWith('handshake:error') || type === 'disconnect') {
        opened.resolve(false);
        closed.resolve();
      }
    }
  })();
  socket.connect(`tcp://${host}:${data[0]}`);
  return { opened: opened.promise, closed: closed.promise, [Symbol.dispose]: () => socket.close() };
}

test('a relay that an admin adds is let to the data ports, and cut off when it is removed', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const admin = await stack.signIn();
  const { line } = await admin.get<Relays>('relays');
  const up = curveKeyPair();
  {
    using before = connection(line, up);
    expect(await before.opened).toBe(false);
  }
  const relay = await admin.post<RelayView>('relays', { name: 'barn', line: lineOf(up) });
  expect(relay).toMatchObject({ name: 'barn', host: 'barn.lan' });
  expect((await admin.get<Relays>('relays')).relays).toEqual([relay]);
  await expect(admin.post('relays', { name: 'again', line: lineOf(up) })).rejects.toThrow('409');
  {
    using open = connection(line, up);
    expect(await open.opened).toBe(true);
    await admin.delete(`relays/${relay.id}`);
    await open.closed;
  }
  using after = connection(line, up);
  expect(await after.opened).toBe(false);
  expect((await admin.get<Relays>('relays')).relays).toEqual([]);
  await expect(admin.delete(`relays/${relay.id}`)).rejects.toThrow('404');
  expect(await stack.master.says('a relay was removed')).toMatchObject({ by: 'admin', relay: relay.id });
});

test('an invite through a relay leads to the relay, and pins what every invite of the master pins', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const admin = await stack.signIn();
  const line = lineOf(curveKeyPair());
  const { id } = await admin.post<RelayView>('relays', { name: 'barn', line });
  const make = async (order: object) =>
    parseInvite((await admin.post<{ invite: string }>('invites', { label: 'x', ...order })).invite);
  const [through, direct] = [await make({ relay: id }), await make({ host: 'master.lan' })];
  const { host, data, join: joinPorts, curve } = parseHop(line);
  expect(through).toMatchObject({ host, data, join: joinPorts, curve, mechanism: 'curve' });
  expect(direct.host).toBe('master.lan');
  expect([through.rsa, through.signing]).toEqual([direct.rsa, direct.signing]);
  expect(through.code).not.toEqual(direct.code);
});

test('the line of a master is no relay', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const admin = await stack.signIn();
  const { line } = await admin.get<Relays>('relays');
  expect(parseHop(line)).toMatchObject({
    host: '127.0.0.1',
    data: [Number(stack.ports['mq_sub_port']), expect.any(Number)],
  });
  await expect(admin.post('relays', { name: 'me', line })).rejects.toThrow('400');
});

test('relays that init wrote down are let in from the start', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const up = curveKeyPair();
  await stack.master.stop();
  writeFileSync(join(stack.keys, 'relays.json'), JSON.stringify([{ name: 'barn', line: lineOf(up) }]), { mode: 0o600 });
  await stack.restartMaster();
  const admin = await stack.signIn();
  const { line, relays } = await admin.get<Relays>('relays');
  expect(relays).toMatchObject([{ name: 'barn' }]);
  using open = connection(line, up);
  expect(await open.opened).toBe(true);
});

test('the state of the transport is told', async () => {
  await using stack = await Stack.start({ invites: 0 });
  const admin = await stack.signIn();
  await vi.waitFor(async () =>
    expect(await admin.get('status')).toMatchObject({ transport: { up: true, restarts: 0 } }),
  );
});
