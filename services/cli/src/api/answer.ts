// What an answer of the master holds, or why it says no.
import type { Static, TSchema } from 'typebox';
import { Check } from 'typebox/value';

/** The master said no. The message is its sentence. */
export class Refused extends Error {
  override readonly name = 'Refused';
  readonly status: number;
  /** Seconds to wait before the next try, where it says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, sentence: string, retryAfter?: number) {
    super(sentence);
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** Throws where `text` is not what `schema` says. */
export function parse<S extends TSchema>(schema: S, text: string): Static<S> {
  const value = json(text);
  if (Check(schema, value)) return value;
  throw new Error('the master answered with what this program does not know; are both of one version?');
}

/** The master's answers that are no success hold a sentence. */
export function refused(status: number, body: string, retryAfter: string | undefined): Refused {
  const value = json(body);
  const sentence = typeof value === 'object' && value !== null && 'error' in value ? String(value.error) : '';
  const seconds = Number(retryAfter);
  return new Refused(
    status,
    sentence === '' ? `The master answered with status ${status}.` : sentence,
    retryAfter === undefined || Number.isNaN(seconds) ? undefined : seconds,
  );
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
