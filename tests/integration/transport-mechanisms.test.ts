import { randomBytes } from 'node:crypto';
import { encodeZ85 } from '@sealcast/channel/z85';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import { Hop } from '@sealcast/node/link/hop';
import { expect, test } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';
import { firstOf, HopWire } from '../stack/hop-wire.ts';
import { greeting, ZmtpPeer } from '../stack/zmtp-peer.ts';

const mechanisms = ['curve', 'plain', 'null'] as const;

function credentialsOf(mechanism: (typeof mechanisms)[number]): HopCredentials {
  if (mechanism === 'null') return { mechanism };
  if (mechanism === 'plain') return { mechanism, secret: randomBytes(32) };
  return { mechanism, ...curveKeyPair(), serverKey: encodeZ85(randomBytes(32)) };
}

function hop(wire: HopWire, credentials: HopCredentials): Hop {
  const { dataIn, dataOut, joinIn, joinOut } = wire.ports;
  return new Hop({ host: '127.0.0.1', data: [dataIn, dataOut], join: [joinIn, joinOut] }, 'data', credentials, []);
}

test.each(['curve', 'plain'] as const)(
  'under %s a node that has joined is let in to data, and no other',
  async (mechanism) => {
    await using wire = await HopWire.start({ mechanism });
    const member = wire.member();
    expect(await firstOf(wire.push('dataIn', wire.stranger()))).toBe('handshake:error:auth');
    expect(await firstOf(wire.sub('dataOut', wire.stranger(), []))).toBe('handshake:error:auth');
    await wire.push('dataIn', member).send('from a member');
    await wire.until(() => wire.got.length === 1);
    expect(wire.got).toEqual([{ port: 'data', frame: Buffer.from('from a member') }]);
  },
);

test.each(mechanisms)('under %s anybody is let in to join, and frames go both ways', async (mechanism) => {
  await using wire = await HopWire.start({ mechanism });
  await wire.push('joinIn', wire.stranger()).send('HELLO');
  await wire.until(() => wire.got.length === 1);
  expect(wire.got[0]?.port).toBe('join');
  const heard = wire.sub('joinOut', wire.stranger(), ['mine']).receive();
  const repeat = setInterval(() => wire.server.outlet.join(Buffer.from('mine'), Buffer.from('OFFER')), 20);
  expect((await heard).map(String)).toEqual(['mine', 'OFFER']);
  clearInterval(repeat);
});

test('under NULL anybody is let in to data', async () => {
  await using wire = await HopWire.start({ mechanism: 'null' });
  await wire.push('dataIn', wire.stranger()).send('from anybody');
  await wire.until(() => wire.got.length === 1);
  expect(wire.got[0]?.port).toBe('data');
});

test('under PLAIN the words of the join ports open no data port', async () => {
  await using wire = await HopWire.start({ mechanism: 'plain' });
  using peer = await ZmtpPeer.plain(wire.ports.joinIn, 'PUSH', { user: 'join', password: 'join' });
  expect(peer.isClosed).toBe(false);
  await expect(ZmtpPeer.plain(wire.ports.dataIn, 'PUSH', { user: 'join', password: 'join' })).rejects.toThrow('closed');
});

test.each(['curve', 'plain'] as const)(
  'a server of %s whose data port lets a stranger in does not start',
  async (mechanism) => {
    await using wire = new HopWire(await freePorts([0, 0, 0, 0]), { mechanism, admits: () => true });
    await expect(wire.listen()).rejects.toThrow('the data port let a stranger in');
  },
);

const pairs = mechanisms.flatMap((server) =>
  mechanisms.filter((node) => node !== server).map((node) => [node, server] as const),
);
test.each(pairs)(
  'a node that is told %s learns that the server speaks another mechanism, where that is %s',
  async (told, spoken) => {
    await using wire = await HopWire.start({ mechanism: spoken });
    const node = hop(wire, credentialsOf(told));
    await wire.until(() => node.state === 'other-mechanism');
    expect(node.state).toBe('other-mechanism');
    node.close();
  },
);

test.each(pairs)(
  'a peer that goes on with %s where the server speaks %s is sent away with its greeting',
  async (told, spoken) => {
    await using wire = await HopWire.start({ mechanism: spoken });
    using peer = await ZmtpPeer.connect(wire.ports.joinIn);
    await peer.write(greeting(told.toUpperCase()));
    await peer.closed;
    expect(peer.received.subarray(12, 32).toString('latin1').replaceAll('\0', '')).toBe(spoken.toUpperCase());
    expect(peer.receivedBytes).toBe(64);
    expect(wire.cuts('cut.mechanism')).toBe(1);
  },
);
