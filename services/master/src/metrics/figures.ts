/** What the master tells of itself, beside what its fleet does. Whatever is counted begins with its start. */
export interface MasterFigures {
  /** Frames, by PROTOCOL.md's error codes. */
  refusals: Record<string, number>;
  /** Connections, by reason. */
  cuts: Record<string, number>;
  /** Keys that a message may be under now. */
  sessions: number;
  joins: Record<'new' | 'known', number>;
  /** By what they order, and whether everyone of them. */
  commands: { action: string; to: 'everyone' | 'some'; count: number }[];
  /** What waits now: reports to be written, frames to join with, messages to the sockets, commands to be answered. */
  queues: Record<'reports' | 'joins' | 'outgoing' | 'receipts', number>;
  transport: { up: boolean; restarts: number };
  eventStreams: number;
  storeBytes: number;
}
