// What every socket of a hop has in common, at the master as at a node.
import { heartbeatIntervalMs, heartbeatTimeoutMs } from '@sealcast/channel/constants';

/** What a MESSAGE of CurveZMQ (ZeroMQ RFC 26) adds to a frame; libzmq's limit counts it. */
const curveOverhead = 33;

/** `frameMax` in bytes; a peer that sends more is cut off. */
export function hopOptions(frameMax: number) {
  return {
    linger: 0,
    maxMessageSize: frameMax + curveOverhead,
    heartbeatInterval: heartbeatIntervalMs,
    heartbeatTimeout: heartbeatTimeoutMs,
    heartbeatTimeToLive: heartbeatTimeoutMs,
  };
}
