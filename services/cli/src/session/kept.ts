// The session of `sealcast sign-in`, for the commands after it: 0600, in a folder that nobody else may enter.
import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { privateFolder, readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';
import { Type, type Static } from 'typebox';
import { Check } from 'typebox/value';
import { CommandError } from '../command/failures.ts';

const Session = Type.Object(
  {
    url: Type.String(),
    /** PEM; null where the system knows the authority. */
    authority: Type.Union([Type.String(), Type.Null()]),
    /** `name=value`. */
    cookie: Type.String(),
  },
  { additionalProperties: false },
);
export type Session = Static<typeof Session>;

/** `named` is what --session says. */
export function sessionFile(env: NodeJS.ProcessEnv, named: string | undefined): string {
  if (named !== undefined) return resolve(named);
  const { XDG_STATE_HOME: state = '', HOME: home = homedir() } = env;
  return join(state === '' ? join(home, '.local/state') : state, 'sealcast', 'session.json');
}

export function readSession(file: string): Session | undefined {
  const text = readPrivateFile(file);
  if (text === undefined) return undefined;
  const session = json(text);
  if (!Check(Session, session)) throw new CommandError(`${file} is not a session of sealcast sign-in; delete it`);
  return session;
}

export function keepSession(file: string, session: Session, isNamed: boolean): void {
  if (!isNamed) privateFolder(dirname(file), 'XDG_STATE_HOME');
  writePrivateFile(file, `${JSON.stringify(session)}\n`);
}

export function forgetSession(file: string): void {
  rmSync(file, { force: true });
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
