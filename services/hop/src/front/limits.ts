// What a stranger, a node and a relay may take of a server. Bytes count what libzmq adds to each frame in memory.
import type { PortName } from '../sockets.ts';
import type { Rate } from './token-bucket.ts';

/** What libzmq needs for a frame beside its bytes. */
export const frameCost = 64;

/**
 * From the first byte of a connection until ZAP has let it in. A node at the end of a slow line shakes hands within a second or two; who
 * does not is holding an open file.
 */
export const handshakeMs = 5000;
export const handshakeBytes = 4096;

/**
 * Handshakes that one address may begin, on all four ports together. Two hundred nodes have two connections each for their data, and as
 * many to join: they begin four hundred at once when the line or the transport is back, and where they have to join anew the others no
 * faster than joinRate lets them. A relay needs four for its whole site.
 */
export const handshakeRate = { perSecond: 80, burst: 400 };

/** After ZAP has refused, for the peer to hear of it. */
export const farewellMs = 500;
/** For the other end to close, once one has. */
export const closingMs = 2000;

/** A join is a HELLO and a CONFIRM, each a few times at most. */
export const joinBytes = 32_768;
/** It subscribes to a topic, and hears what comes for it. */
export const joinTopicBytes = 8192;
export const joinMs = 60_000;

export interface CrowdLimits {
  /** Connections in all. */
  all: number;
  /** Connections from one address, or one /64 of IPv6. */
  perAddress: number;
  /** Whether one makes room though ZAP has let it in. */
  evictsAdmitted: boolean;
}

/** For the two join ports together, and for the two data ports. */
export const crowdLimits: Readonly<Record<'join' | 'data', CrowdLimits>> = {
  join: { all: 512, perAddress: 64, evictsAdmitted: true },
  data: { all: 2048, perAddress: 1024, evictsAdmitted: false },
};

/** Connections to the data ports with one hop key: two are a node's, the others have not noticed yet that they are dead. */
export const perHopKey = 8;

/** What a relay may, as a multiple of what a node may. On the join ports it has a rate in the place of a total and a time. */
export const relayWeight = 8;

/**
 * In the long run and at once; on the join ports it holds for relays alone. Heartbeats alone are a kilobyte a minute. A node
 * subscribes to a few topics, each some 120 bytes, and a relay to those of its whole site once it is connected.
 */
export const portRate: Readonly<Record<PortName, { perSecond: number; burst: number; relayBurst?: number }>> = {
  dataIn: { perSecond: 1_048_576, burst: 4_194_304 },
  dataOut: { perSecond: 2048 / 60, burst: 8192, relayBurst: 524_288 },
  joinIn: { perSecond: joinBytes / relayWeight, burst: joinBytes },
  joinOut: { perSecond: joinBytes / relayWeight, burst: joinBytes },
};

/** In bytes. */
export function rateAt(port: PortName, isRelay: boolean): Rate {
  const { perSecond, burst, relayBurst = burst * relayWeight } = portRate[port];
  return isRelay ? { perSecond: perSecond * relayWeight, burst: relayBurst } : { perSecond, burst };
}

/**
 * Topics that those of one address may subscribe to where everybody is let in, and its site's topics go up by the rate of one relay: five
 * hundred nodes at once, each to three. In the long run it is less than what that relay may say above.
 */
export const topicRate: Readonly<Record<'dataOut' | 'joinOut', Rate>> = {
  dataOut: { perSecond: 1, burst: 1536 },
  joinOut: { perSecond: 20, burst: 512 },
};

/**
 * What one address may say on the join ports, but for relays. A HELLO with its CONFIRM is 2048 bytes here and costs the master's one
 * thread a millisecond: twenty a second are two hundredths of it, and the two hundred nodes of a site behind one address are in after
 * five seconds.
 */
const joinOnWire = 2048;
export const joinRate = { perSecond: 20 * joinOnWire, burst: 100 * joinOnWire };

/**
 * What libzmq may hold of the join port that has not been delivered: some thirty HELLOs, so that the next is there while the server is busy
 * with one, and whose turn has come is heard soon. Above it there is no more than what one connection says at once.
 */
export const joinUnderWay = 65_536;

/** What libzmq may hold of one connection that has not been delivered as a whole message. */
export const undeliveredMax = 262_144;
/** How long a connection may be at that limit, while others' messages are delivered. */
export const undeliveredMs = 10_000;

/**
 * What libzmq may hold of all connections that has not been delivered. Two hundred nodes that each have undeliveredMax under way, as they
 * have behind a master that stalls for some seconds, are below it.
 */
export const heldMax = 67_108_864;
/** How long what was on its way to libzmq takes to get there, in any case. */
export const settleMs = 2000;
