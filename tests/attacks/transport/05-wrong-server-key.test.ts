// The attacker stands where the node looks for its master: he has taken its name or its address, and listens on the four ports, but
// has not its CURVE secret. He lets everybody in.
import { parseInvite } from '@sealcast/channel/invite';
import type { Ports } from '@sealcast/hop/sockets';
import { expect, test } from 'vitest';
import { HopWire } from '../../stack/hop-wire.ts';
import { Wire } from '../../stack/wire.ts';
import { WireNode } from '../../stack/wire-node.ts';
import { TcpProxy } from './tcp-proxy.ts';

const handshakeBytes = 64 + 2 + 200;
const attempts = 2;

test.each(['curve', 'plain', 'null'] as const)(
  'where the server has another CURVE key, or speaks another mechanism (here %s), the node sends no join',
  async (mechanism) => {
    await using wire = await Wire.start();
    await using rogue = await HopWire.start({ mechanism, admits: () => true, open: true });
    await using proxy = await TcpProxy.start(rogue.ports);
    const honest = portsOf(wire);
    await using node = new WireNode(wire, { settings: proxy.env });
    const toJoin = () => proxy.lines.filter(({ port }) => port === 'joinIn');
    // It tries again and again, and each time finds the same.
    await rogue.until(
      () => rogue.got.length > 0 || toJoin().filter(({ isClosed, up }) => isClosed && up > 0).length >= attempts,
    );
    expect(rogue.got).toEqual([]);
    const said = proxy.lines.map((line) => Buffer.concat(line.said));
    // A greeting, and HELLO of CURVE, which is the same for every server but for a box of zeros.
    expect(Math.max(...said.map(({ length }) => length))).toBeLessThanOrEqual(handshakeBytes);
    expect(proxy.lines.filter(({ port }) => port.startsWith('data'))).toEqual([]);
    expect(wire.fleet.nodes()).toEqual([]);
    // The invite is not spent, and the same node joins where its master is.
    proxy.lead(honest);
    await node.says('joined the master');
    expect(rogue.got).toEqual([]);
    expect(wire.fleet.nodes()).toHaveLength(1);
  },
);

test('nor does it where what comes back is made up', async () => {
  await using wire = await Wire.start();
  await using rogue = await HopWire.start({ open: true, admits: () => true });
  await using proxy = await TcpProxy.start(rogue.ports);
  let forged = 0;
  // WELCOME of the right length, READY without one, a message right away.
  const forgeries = [
    Buffer.concat([Buffer.from([4, 168]), Buffer.from('\x07WELCOME'), Buffer.alloc(160, 7)]),
    Buffer.concat([Buffer.from([4, 50]), Buffer.from('\x05READY'), Buffer.alloc(44, 7)]),
    Buffer.concat([Buffer.from([0, 50]), Buffer.from('\x07MESSAGE'), Buffer.alloc(42, 7)]),
  ];
  proxy.meddle = (chunk, direction, line) => {
    if (direction === 'up' && line.up >= 64) return [];
    if (direction === 'down' && line.down === 0) {
      const forgery = forgeries[forged % forgeries.length] ?? Buffer.alloc(0);
      forged += 1;
      return [chunk, forgery];
    }
    return [chunk];
  };
  await using node = new WireNode(wire, { settings: proxy.env });
  await rogue.until(() => forged >= 4 && proxy.lines.filter(({ isClosed }) => isClosed).length >= 4);
  const said = proxy.lines.map((line) => Buffer.concat(line.said).length);
  expect(Math.max(...said)).toBeLessThanOrEqual(handshakeBytes);
  expect(rogue.got).toEqual([]);
  proxy.meddle = (chunk) => [chunk];
  proxy.lead(portsOf(wire));
  await node.says('joined the master');
});

/** Where the node's master really is. */
function portsOf(wire: Wire): Ports {
  const { data, join } = parseInvite(wire.invite());
  return { dataIn: data[0], dataOut: data[1], joinIn: join[0], joinOut: join[1] };
}
