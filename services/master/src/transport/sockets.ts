// The master's four sockets, as PROTOCOL.md's section Sockets has them.
import { dataFrameMax, joinFrameMax } from '@sealcast/channel/constants';
import { hopOptions } from '@sealcast/runtime/hop-options';
import { cannotListen } from '@sealcast/runtime/run';
import { Publisher, Pull } from 'zeromq';

export interface Ports {
  dataIn: number;
  dataOut: number;
  joinIn: number;
  joinOut: number;
}

export interface Sockets {
  dataIn: Pull;
  dataOut: Publisher;
  joinIn: Pull;
  joinOut: Publisher;
}

/** A domain of ZAP (RFC 27): `join` is open to every CURVE key, `data` to the keys of joined nodes. */
type ZapDomain = 'join' | 'data';

// What a peer may keep waiting in memory, in messages a connection: above it PUB drops, PULL stops reading, and the protocol
// repeats.
const outgoingMax = 1000;
const joinIncomingMax = 32;
const dataIncomingMax = 64;
// All that a subscriber sends is CURVE's handshake and topics of 16 bytes; PUB keeps each byte of a topic many times over.
const subscriptionMax = 512;
// A node at the end of a slow line shakes hands within a second or two; who does not is holding an open file.
const handshakeMs = 5000;
const backlog = 512;

// A domain alone lets everybody in where no handler answers; enforced, it lets nobody in.
function hop(host: string, curveSecretKey: string, zapDomain: ZapDomain, frameMax: number) {
  const server = { curveServer: true, curveSecretKey, zapDomain, zapEnforceDomain: true };
  return { ...server, ...hopOptions(frameMax), handshakeInterval: handshakeMs, ipv6: host.includes(':'), backlog };
}

/** For `host` to be bound to, with `curveSecretKey` in Z85. The sockets are bound to nothing yet. */
export function openSockets(host: string, curveSecretKey: string): Sockets {
  const open = (domain: ZapDomain, frameMax: number) => hop(host, curveSecretKey, domain, frameMax);
  return {
    dataIn: new Pull({ ...open('data', dataFrameMax), receiveHighWaterMark: dataIncomingMax }),
    dataOut: new Publisher({ ...open('data', subscriptionMax), sendHighWaterMark: outgoingMax }),
    joinIn: new Pull({ ...open('join', joinFrameMax), receiveHighWaterMark: joinIncomingMax }),
    joinOut: new Publisher({ ...open('join', subscriptionMax), sendHighWaterMark: outgoingMax }),
  };
}

/** `host` is a name or an address of this machine. */
export async function bindSockets(sockets: Sockets, host: string, ports: Ports): Promise<void> {
  const at = `tcp://${host.includes(':') ? `[${host}]` : host}`;
  const pairs = [
    [sockets.dataIn, ports.dataIn],
    [sockets.dataOut, ports.dataOut],
    [sockets.joinIn, ports.joinIn],
    [sockets.joinOut, ports.joinOut],
  ] as const;
  for (const [socket, port] of pairs) await socket.bind(`${at}:${port}`).catch(cannotListen(`${host}, port ${port}`));
}

export function closeSockets(sockets: Sockets): void {
  for (const socket of [sockets.dataIn, sockets.dataOut, sockets.joinIn, sockets.joinOut]) socket.close();
}
