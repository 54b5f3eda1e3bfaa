import { runCommand } from './command/run.ts';
import { commands } from './commands/commands.ts';
import { exitCodes } from './command/failures.ts';
import { Screen } from './terminal/screen.ts';

process.umask(0o077);
// What is to be undone at the end is undone at 'exit'.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
  process.on(signal, () => process.exit(exitCodes.interrupted));
// `sealcast nodes | head -1` has read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.failed);
  throw error;
});

const screen = new Screen(process.stdout, process.stderr, process.stdin);
void runCommand(commands, process.argv.slice(2), screen, process.env).then((code) => process.exit(code));
