/** PROTOCOL.md, Error codes: the closed set. */
export const refusalCodes = [
  'frame.parts',
  'frame.length',
  'frame.version',
  'frame.suite',
  'frame.kind',
  'frame.flags',
  'key.unknown',
  'sequence.limit',
  'seal.open',
  'sequence.replayed',
  'payload.kind',
  'payload.encoding',
  'payload.schema',
  'rate.exceeded',
  'signature.hello',
  'signature.offer',
  'signature.refusal',
  'signature.broadcast',
  'signature.rotate',
  'join.open',
  'join.version',
  'join.key',
  'join.identity',
  'join.removed',
  'join.cloned',
  'join.invite',
  'join.invite-spent',
  'join.invite-expired',
  'join.confirm',
  'join.busy',
  'epoch.rollback',
  'command.target',
  'command.expired',
  'invite.malformed',
  'hop.malformed',
] as const;

export type RefusalCode = (typeof refusalCodes)[number];

/**
 * What a peer sent is refused. Says its code and nothing else: nothing that the peer wrote gets into a log by it.
 * A wrong call of this side is an ordinary Error.
 */
export class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, options?: { cause?: unknown }) {
    super(code, options);
    this.name = 'Refusal';
    this.code = code;
  }
}
