// Every way in which the HTTP API says no. A sentence never holds anything of the request.
import { Type } from 'typebox';

export const httpErrors = {
  'request.invalid': { status: 400, sentence: 'The request is not what this address takes.' },
  'request.json': { status: 400, sentence: 'The request does not hold the JSON that it should.' },
  'request.too-large': { status: 413, sentence: 'The request is too large.' },
  'request.media-type': { status: 415, sentence: 'The request must be application/json.' },
  'request.cross-site': { status: 403, sentence: 'The request came from another site.' },
  'request.nobody': { status: 400, sentence: 'The proxy does not say whom the request is from.' },
  'address.unknown': { status: 404, sentence: 'There is nothing at this address.' },
  'session.none': { status: 401, sentence: 'Nobody is signed in.' },
  'session.wrong': { status: 401, sentence: 'The name or the password is wrong.' },
  'session.wait': { status: 429, sentence: 'There were too many tries; wait before the next one.' },
  'metrics.token': { status: 401, sentence: 'The token for metrics is missing or wrong.' },
  'node.unknown': { status: 404, sentence: 'There is no such node.' },
  'command.text': { status: 400, sentence: 'A text has 1 to 4096 bytes of UTF-8.' },
  'command.run': {
    status: 400,
    sentence:
      'A program is named by its whole path; it and each of up to 32 arguments have at most 256 bytes of UTF-8.',
  },
  'invite.host': {
    status: 400,
    sentence: 'Name the host or the address where nodes reach this master, without https:// and without a port.',
  },
  'invite.host-long': {
    status: 400,
    sentence: 'An invite has room for a host of 64 characters; write a shorter name, or the address.',
  },
  'invite.unknown': { status: 404, sentence: 'There is no such invite.' },
  'invite.spent': { status: 409, sentence: 'A node has joined with this invite already.' },
  'relay.unknown': { status: 404, sentence: 'There is no such relay.' },
  'relay.known': { status: 409, sentence: 'This relay is known already.' },
  'relay.taken': { status: 409, sentence: 'A node has, or had, the key of this relay; give the relay another one.' },
  'relay.line': {
    status: 400,
    sentence: 'This is not the line of a relay; it begins with sealcast-hop1: and is whole.',
  },
  'install.wait': { status: 429, sentence: 'Too much is being fetched; try again in a moment.' },
  'events.too-many': { status: 429, sentence: 'Too many pages of this session are open.' },
  'master.busy': { status: 503, sentence: 'The master is busy; try again in a moment.' },
  'master.failed': { status: 500, sentence: 'The master failed at this; its log says why.' },
} as const satisfies Record<string, { status: number; sentence: string }>;

export type HttpErrorCode = keyof typeof httpErrors;

/** Thrown in a route or a hook; the error handler answers with it. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: HttpErrorCode;
  /** Seconds, for the header of that name. */
  readonly retryAfter: number | undefined;

  constructor(code: HttpErrorCode, retryAfter?: number) {
    super(httpErrors[code].sentence);
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

function errorBody(description: string) {
  const error = Type.String({ description: 'A sentence for people.' });
  return Type.Object({ error }, { additionalProperties: false, description });
}

/** What every route may answer beside what it is for. */
export const refusals = {
  '4xx': errorBody(
    'The request is refused: 400 malformed, 401 not signed in, 403 of another site, 404 not there, 409, 413, 415, 429.',
  ),
  '5xx': errorBody('The master failed, or is busy.'),
};
