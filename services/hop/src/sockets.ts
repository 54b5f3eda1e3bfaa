// A server's four sockets, as PROTOCOL.md's section Sockets has them. They are bound where only the front reaches them.
import { dataFrameMax, joinFrameMax } from '@sealcast/channel/constants';
import { type Context, Publisher, Pull, XPublisher } from 'zeromq';
import { handshakeMs as frontHandshakeMs } from './front/limits.ts';
import { type ServerCredentials, serverOptions, type ZapDomain } from './mechanism.ts';
import { hopOptions } from './options.ts';

export interface Ports {
  dataIn: number;
  dataOut: number;
  joinIn: number;
  joinOut: number;
}

export const portNames = ['dataIn', 'dataOut', 'joinIn', 'joinOut'] as const satisfies (keyof Ports)[];
export type PortName = (typeof portNames)[number];

export interface Sockets {
  dataIn: Pull;
  dataOut: Publisher | XPublisher;
  joinIn: Pull;
  joinOut: Publisher | XPublisher;
}

/** Bytes of a frame on each port. All that a subscriber sends is topics of 16 bytes; PUB keeps each of their bytes many times over. */
export const portFrameMax: Readonly<Record<PortName, number>> = {
  dataIn: dataFrameMax,
  dataOut: 512,
  joinIn: joinFrameMax,
  joinOut: 512,
};

/** What each port is asked for in ZAP. */
export const portDomain: Readonly<Record<PortName, ZapDomain>> = {
  dataIn: 'data',
  dataOut: 'data',
  joinIn: 'join',
  joinOut: 'join',
};

// What a peer may keep waiting in memory, in messages a connection: above it PUB drops, PULL stops reading, and the protocol
// repeats.
const outgoingMax = 1000;
const joinIncomingMax = 32;
const dataIncomingMax = 64;
// The front cuts who does not shake hands in time, and counts why: libzmq must not be first.
const handshakeMs = 2 * frontHandshakeMs;
const backlog = 512;

/** `subscriptions`: whether what peers subscribe to can be read (XPUB). The sockets are bound to nothing yet. */
export function openSockets(context: Context, credentials: ServerCredentials, subscriptions = false): Sockets {
  const open = (name: PortName) => ({
    context,
    ...serverOptions(credentials, portDomain[name]),
    ...hopOptions(portFrameMax[name], credentials.mechanism),
    handshakeInterval: handshakeMs,
    backlog,
  });
  const out = (name: PortName) => {
    const options = { ...open(name), sendHighWaterMark: outgoingMax };
    return subscriptions ? new XPublisher(options) : new Publisher(options);
  };
  return {
    dataIn: new Pull({ ...open('dataIn'), receiveHighWaterMark: dataIncomingMax }),
    dataOut: out('dataOut'),
    joinIn: new Pull({ ...open('joinIn'), receiveHighWaterMark: joinIncomingMax }),
    joinOut: out('joinOut'),
  };
}

/** @returns the ports of 127.0.0.1 that they have then */
export async function bindSockets(sockets: Sockets): Promise<Ports> {
  const ports: Ports = { dataIn: 0, dataOut: 0, joinIn: 0, joinOut: 0 };
  for (const name of portNames) {
    const socket = sockets[name];
    await socket.bind('tcp://127.0.0.1:*');
    ports[name] = Number(socket.lastEndpoint?.split(':').at(-1));
  }
  return ports;
}

export function closeSockets(sockets: Sockets): void {
  for (const name of portNames) sockets[name].close();
}
