// What the system says of a file that somebody has named, as a sentence.
import { getSystemErrorMap } from 'node:util';

/** `path` can't be `done` (read, made), as `cause` says. In a container one is another user than outside, so it is named. */
export function fileFault(path: string, done: string, cause: unknown): string {
  if (!(cause instanceof Error)) return `${path} can't be ${done}: ${String(cause)}`;
  const text = getSystemErrorMap().get((cause as NodeJS.ErrnoException).errno ?? 0)?.[1] ?? cause.message;
  return `${path} can't be ${done}: ${text}${isDenied(cause) ? ` to user ${process.geteuid?.() ?? ''}` : ''}`;
}

export function isDenied(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
}
