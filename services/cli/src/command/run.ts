// From the words of a command line to a command, and from what became of it to an exit code.
import { parseArgs } from 'node:util';
import { SettingsError } from '@sealcast/runtime/settings';
import { StartError } from '@sealcast/runtime/run';
import { Refused } from '../api/answer.ts';
import { Unreachable } from '../api/request.ts';
import { BackupError } from '../backup/backup-error.ts';
import { connect } from '../session/connect.ts';
import { harmless } from '../terminal/harmless.ts';
import type { Screen } from '../terminal/screen.ts';
import { Call, type Command, parseOptions } from './command.ts';
import {
  CommandError,
  type ExitCode,
  exitCodes,
  Interrupted,
  NotSignedIn,
  signInFirst,
  UsageError,
} from './failures.ts';
import { helpOf, optionsOf, overview } from './help.ts';

export async function runCommand(
  commands: readonly Command[],
  line: readonly string[],
  screen: Screen,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  try {
    return await dispatch(commands, line, screen, env);
  } catch (error) {
    screen.progress('');
    return failure(error, screen);
  }
}

async function dispatch(
  commands: readonly Command[],
  line: readonly string[],
  screen: Screen,
  env: NodeJS.ProcessEnv,
): Promise<ExitCode> {
  const words = line.slice(0, 2);
  const found = commands.find(({ name }) => name === words.join(' ')) ?? commands.find(({ name }) => name === words[0]);
  if (found === undefined) return without(commands, line, screen);
  const { values, positionals } = parsed(found, line.slice(found.name.split(' ').length));
  if (values['help'] === true) {
    screen.write(helpOf(found));
    return exitCodes.done;
  }
  return await found.run(new Call(screen, env, { words: positionals, values }, connect));
}

/** There is no such command, or help is wanted. */
function without(commands: readonly Command[], [first = '', ...rest]: readonly string[], screen: Screen): ExitCode {
  const group = commands.filter(({ name }) => name.startsWith(`${first} `));
  if (first === '--help' || first === 'help' || (group.length > 0 && rest.includes('--help'))) {
    screen.write(overview(group.length > 0 ? group : commands));
    return exitCodes.done;
  }
  if (first === '') throw new UsageError('name a command; sealcast --help lists them');
  if (group.length > 0) throw new UsageError(`say what: ${group.map(({ name }) => name).join(', ')}`);
  throw new UsageError(`there is no command ${first}; sealcast --help lists them`);
}

function parsed(command: Command, args: string[]) {
  try {
    const options = parseOptions(optionsOf(command));
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (cause) {
    const [why = ''] = (cause instanceof Error ? cause.message : String(cause)).split(/\. |\n/);
    throw new UsageError(`${why}; sealcast ${command.name} --help says what there is`, { cause });
  }
}

function failure(error: unknown, screen: Screen): ExitCode {
  if (error instanceof Interrupted) return exitCodes.interrupted;
  const code = codeOf(error);
  screen.note(`${screen.paintError('red', 'sealcast:')} ${textOf(error)}`);
  return code;
}

function codeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return exitCodes.usage;
  if (error instanceof Unreachable || error instanceof NotSignedIn) return exitCodes.noMaster;
  if (error instanceof Refused && (error.status === 401 || error.status === 429)) return exitCodes.noMaster;
  return exitCodes.failed;
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof Refused && error.retryAfter !== undefined) return `${error.message} (${error.retryAfter} s)`;
  if (error instanceof Refused && error.status === 401) return `${error.message.replace(/\.$/, '')}; ${signInFirst}`;
  const isExpected =
    [UsageError, Unreachable, NotSignedIn, Refused, CommandError, BackupError, StartError, SettingsError].some(
      (kind) => error instanceof kind,
    ) || 'code' in error;
  return harmless(isExpected ? error.message : (error.stack ?? error.message));
}
