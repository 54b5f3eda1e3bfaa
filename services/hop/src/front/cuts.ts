// Why a connection was cut: a closed set. A peer is told nothing; whoever runs the server reads the counters.

export const cutReasons = [
  /** Not through ZAP in time. */
  'cut.handshake-time',
  /** Its address began so many handshakes that its own did not get its turn in time. */
  'cut.handshake-rate',
  /** More bytes before ZAP than a handshake has. */
  'cut.handshake-bytes',
  /** libzmq refused it before it asked ZAP: the handshake is no right one, or for another server's key. */
  'cut.handshake',
  /** No ZMTP 3, or a frame that can't be. */
  'cut.protocol',
  /** ZMTP, but another mechanism than this server's. */
  'cut.mechanism',
  /** ZAP refused it. */
  'cut.denied',
  /** A frame above the limit of its port. */
  'cut.frame',
  /** More bytes on a join port than a join has. */
  'cut.join-bytes',
  /** Longer on a join port than a join takes. */
  'cut.join-time',
  /** More subscribed than a node needs. */
  'cut.subscriptions',
  /** A message that does not end. */
  'cut.unfinished',
  /** Too many connections from one address. */
  'cut.address',
  /** Too many connections in all. */
  'cut.crowd',
  /** Too many connections with one hop key. */
  'cut.key',
  /** Its hop key was taken off the list. */
  'cut.removed',
] as const;

export type CutReason = (typeof cutReasons)[number];
