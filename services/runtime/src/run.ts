// How every process starts and stops: a fault at the start ends it with one message, a signal ends it in order.
import closeWithGrace from 'close-with-grace';
import { SettingsError } from './settings.ts';

/** Whatever hangs: who asked to stop is promised five seconds. A second signal ends the process at once. */
const stopWithinMs = 4500;

/** A fault that the operator can mend. The message holds one line a fault. */
export class StartError extends Error {
  override readonly name = 'StartError';
}

/** For the failing of a bind or listen at `where`. Throws StartError. */
export function cannotListen(where: string): (cause: Error) => never {
  return (cause) => {
    throw new StartError(`can't listen at ${where}: ${cause.message}; is it taken by another program?`, { cause });
  };
}

/** `start` gives what stops it again. */
export async function run(
  name: string,
  start: () => (() => Promise<void>) | Promise<() => Promise<void>>,
): Promise<void> {
  // A signal while it starts ends it there and then: there is nothing yet that a crash would not leave the same.
  let stop: (() => Promise<void>) | undefined;
  closeWithGrace({ delay: stopWithinMs, logger: console }, async ({ err }) => {
    if (err !== undefined) console.error(err);
    await stop?.();
  });
  try {
    stop = await start();
  } catch (error) {
    process.stderr.write(`${startText(name, error)}\n`);
    process.exit(1);
  }
}

function startText(name: string, error: unknown): string {
  if (!(error instanceof Error)) return `sealcast ${name} can't start: ${String(error)}`;
  const isForOperator = error instanceof SettingsError || error instanceof StartError;
  const lines = (isForOperator ? error.message : (error.stack ?? error.message)).split('\n');
  return [`sealcast ${name} can't start:`, ...lines.map((line) => `  ${line}`)].join('\n');
}
