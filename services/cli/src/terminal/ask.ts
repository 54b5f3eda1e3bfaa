// Secrets and consent: from a person at the terminal, or from a file. Never from an argument or the environment, which others can read.
import { readFileSync } from 'node:fs';
import { confirm, isCancel, password } from '@clack/prompts';
import { CommandError, Interrupted, UsageError } from '../command/failures.ts';
import { fileFault } from './file-fault.ts';
import type { Screen } from './screen.ts';

const secretMax = 4096;

export interface SecretOptions {
  /** E.g. `Passphrase`. */
  message: string;
  /** The value of `option`: a path, `-` for standard input, or undefined to ask. */
  from: string | undefined;
  option: string;
  /** Asked for twice. */
  isNew?: boolean;
}

/** Without the line end behind it. Throws UsageError where nobody can be asked. */
export async function readSecret(
  screen: Screen,
  { message, from, option, isNew = false }: SecretOptions,
): Promise<string> {
  if (from !== undefined) return secretIn(from === '-' ? 0 : from, option);
  checkCanAsk(screen, `name a file with ${option}, or - for standard input`);
  const secret = await asked(message);
  if (isNew && (await asked(`${message} once more`)) !== secret) throw new UsageError('the two are not the same');
  return secret;
}

/** Throws UsageError where nobody can be asked, with what to do `instead`. */
export function checkCanAsk(screen: Screen, instead: string): void {
  if (!screen.canAsk) throw new UsageError(`there is no terminal to ask at; ${instead}`);
}

/** There has to be somebody to ask. */
export async function readConsent(message: string): Promise<boolean> {
  const answer = await confirm({ message, initialValue: false, output: process.stderr });
  if (isCancel(answer)) throw new Interrupted();
  return answer;
}

async function asked(message: string): Promise<string> {
  const answer = await password({ message, output: process.stderr });
  if (isCancel(answer)) throw new Interrupted();
  return answer ?? '';
}

function secretIn(file: string | 0, option: string): string {
  const text = textIn(file, option).replace(/\r?\n$/, '');
  if (text === '') throw new UsageError(`${option}: there is nothing in it`);
  if (text.length > secretMax || text.includes('\n')) throw new UsageError(`${option}: it should be one line`);
  return text;
}

function textIn(file: string | 0, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(fileFault(`${option}: ${file === 0 ? 'standard input' : file}`, 'read', cause), { cause });
  }
}
