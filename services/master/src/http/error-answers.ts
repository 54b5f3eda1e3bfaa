import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HttpError, type HttpErrorCode, httpErrors } from './errors.ts';

const codes: Record<string, HttpErrorCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request.too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'request.media-type',
  FST_ERR_CTP_INVALID_JSON_BODY: 'request.json',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'request.json',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request.json',
};

/** Makes every answer that is not a success `{error: sentence}`. Must stand on the root, before any route. */
export function answerErrors(app: FastifyInstance): void {
  app.setErrorHandler<FastifyError>(answerError);
  app.setNotFoundHandler(() => {
    throw new HttpError('address.unknown');
  });
}

export function answerError(error: FastifyError | HttpError, request: FastifyRequest, reply: FastifyReply): void {
  const code = codeOf(error);
  const { status, sentence } = httpErrors[code];
  if (status >= 500) request.log.error({ err: error, route: request.routeOptions.url }, 'a request failed');
  if (error instanceof HttpError && error.retryAfter !== undefined) void reply.header('retry-after', error.retryAfter);
  const body = { error: whereOf(error) ?? sentence };
  // Also where there is nothing: a cache on the way may keep that.
  void reply.header('cache-control', 'no-store');
  void reply.status(status).type('application/json; charset=utf-8').send(JSON.stringify(body));
}

function codeOf(error: FastifyError | HttpError): HttpErrorCode {
  if (error instanceof HttpError) return error.code;
  const known = codes[error.code];
  if (known !== undefined) return known;
  const status = error.statusCode ?? 500;
  if (status === 404) return 'address.unknown';
  return status >= 400 && status < 500 ? 'request.invalid' : 'master.failed';
}

/** Names a part of the schema; what was sent in it is not repeated. */
function whereOf(error: FastifyError | HttpError): string | undefined {
  if (error instanceof HttpError) return undefined;
  const part = error.validation?.[0]?.instancePath.split('/')[1];
  return part === undefined ? undefined : `The request is wrong at "${part}".`;
}
