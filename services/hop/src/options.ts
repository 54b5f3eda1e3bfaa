// What every socket of a hop has in common, at the master as at a node.
import { heartbeatIntervalMs, heartbeatTimeoutMs } from '@sealcast/channel/constants';
import type { Mechanism } from '@sealcast/channel/payloads';

/** What a mechanism adds to each frame: MESSAGE of CurveZMQ (ZeroMQ RFC 26), and nothing. libzmq's limit counts it. */
export const frameOverhead: Readonly<Record<Mechanism, number>> = { curve: 33, plain: 0, null: 0 };

/** `frameMax` in bytes; a peer that sends more is cut off. */
export function hopOptions(frameMax: number, mechanism: Mechanism) {
  return {
    linger: 0,
    maxMessageSize: frameMax + frameOverhead[mechanism],
    heartbeatInterval: heartbeatIntervalMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    heartbeatTimeToLive: heartbeatTimeoutMs,
  };
}
