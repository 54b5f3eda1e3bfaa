import { harmlessValue } from '../format/harmless.ts';

/** What went wrong, in a sentence that can stand on the page. `status` is 0 where no answer came. */
export class ApiError extends Error {
  readonly status: number;
  /** Seconds to wait, where the master says so (429). */
  readonly retryAfter: number | null;

  constructor(status: number, message: string, options: ErrorOptions & { retryAfter?: number | null } = {}) {
    super(message, options);
    this.name = 'ApiError';
    this.status = status;
    this.retryAfter = options.retryAfter ?? null;
  }
}

let signedOut = () => {};

/** Called whenever the master says that nobody is signed in. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener;
}

function sentenceOf(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('error' in body)) return undefined;
  return typeof body.error === 'string' && body.error !== '' ? body.error : undefined;
}

function secondsOf(header: string | null): number | null {
  const seconds = Number(header);
  return header !== null && Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : null;
}

/** One call of the master's API. `path` is relative to the page: it may be served below any path. */
async function call(method: string, path: string, body?: unknown): Promise<Response> {
  const init: RequestInit = { method, credentials: 'same-origin', cache: 'no-store' };
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(path, init).catch((cause: unknown) => {
    throw new ApiError(0, 'The master does not answer.', { cause });
  });
  if (response.ok) return response;
  if (response.status === 401) signedOut();
  const answer: unknown = await response.json().catch(() => undefined);
  throw new ApiError(response.status, sentenceOf(answer) ?? `The master answered with status ${response.status}.`, {
    retryAfter: secondsOf(response.headers.get('retry-after')),
  });
}

/** A call that is answered; the master's schemas hold the answer to T. */
export async function ask<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  const response = await call(method, path, body);
  try {
    return JSON.parse(await response.text(), harmlessValue);
  } catch (cause) {
    throw new ApiError(response.status, 'The answer is not one of the master.', { cause });
  }
}

/** A call that is only done. */
export async function tell(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<void> {
  await call(method, path, body);
}

/** The sentence to show for anything that was thrown. */
export function sentence(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
