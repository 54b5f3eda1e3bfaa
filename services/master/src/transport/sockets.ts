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

// What a slow or dead peer may keep waiting in memory, in messages; above it PUB drops, and the protocol repeats.
const outgoingMax = 1000;
const incomingMax = 4000;
const backlog = 512;

// A domain alone lets everybody in where no handler answers; enforced, it lets nobody in.
function hop(host: string, curveSecretKey: string, zapDomain: ZapDomain, frameMax: number) {
  const server = { curveServer: true, curveSecretKey, zapDomain, zapEnforceDomain: true };
  return { ...server, ...hopOptions(frameMax), ipv6: host.includes(':'), backlog };
}

/** For `host` to be bound to, with `curveSecretKey` in Z85. The sockets are bound to nothing yet. */
export function openSockets(host: string, curveSecretKey: string): Sockets {
  const join = hop(host, curveSecretKey, 'join', joinFrameMax);
  const data = hop(host, curveSecretKey, 'data', dataFrameMax);
  return {
    dataIn: new Pull({ ...data, receiveHighWaterMark: incomingMax }),
    dataOut: new Publisher({ ...data, sendHighWaterMark: outgoingMax }),
    joinIn: new Pull({ ...join, receiveHighWaterMark: incomingMax }),
    joinOut: new Publisher({ ...join, sendHighWaterMark: outgoingMax }),
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
