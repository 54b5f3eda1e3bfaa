// One program that the master runs: without a shell, with nothing of this node's own, and never longer than it may.
import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Outcome } from '../command-log.ts';
import { OutputTail } from './output-tail.ts';

export interface ProgramOrder {
  program: string;
  arguments: readonly string[];
  /** How long it may take. */
  seconds: number;
}

export interface Program {
  /** When it has ended, and its output is there. Never rejects. */
  ended: Promise<Outcome>;
  /** Ends it before its time. */
  stop(): void;
}

/** Between asking to end and killing; also how long an output may stay open that somebody else holds. */
const graceMs = 1000;
// What a program writes is read no faster than that: it must not take the node's time.
const burstBytes = 1 << 20;
const burstMs = 100;

export function startProgram(order: ProgramOrder): Program {
  // Two megabytes of memory that only a node that runs something pays. import() would do, and load Node's loader of modules too.
  const { spawn } = process.getBuiltinModule('node:child_process');
  try {
    // A group of its own, so that what it starts ends with it. The node's own settings hold its invite.
    const child = spawn(order.program, order.arguments, {
      cwd: '/',
      env: environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    return follow(child, order.seconds);
  } catch (error) {
    return { ended: Promise.resolve(failed(startFault(error))), stop: () => undefined };
  }
}

function environment(): Record<string, string> {
  const { PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME } = process.env;
  return { PATH, LANG: 'C.UTF-8', ...(HOME === undefined ? {} : { HOME }) };
}

function follow(child: ChildProcess, seconds: number): Program {
  const { promise: ended, resolve } = Promise.withResolvers<Outcome>();
  const output = new OutputTail();
  for (const stream of [child.stdout, child.stderr]) if (stream !== null) read(stream, output.stream());
  let cause: string | undefined;
  let grace: NodeJS.Timeout | undefined;
  const patience = () => {
    clearTimeout(grace);
    grace = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      child.stdout?.destroy();
      child.stderr?.destroy();
    }, graceMs);
  };
  const end = (why: string) => {
    if (cause !== undefined) return;
    cause = why;
    signalGroup(child, 'SIGTERM');
    patience();
  };
  const limit = setTimeout(() => end(`took longer than ${seconds} s`), seconds * 1000);
  // Where the node ends without stopping, as after a second signal.
  const kill = () => signalGroup(child, 'SIGKILL');
  process.once('exit', kill);
  const settle = (outcome: Outcome) => {
    process.off('exit', kill);
    clearTimeout(limit);
    clearTimeout(grace);
    resolve(outcome);
  };
  child.on('error', (error) => settle(failed(startFault(error))));
  child.on('exit', () => {
    clearTimeout(limit);
    // Whatever it left behind of its group ends with it.
    if (cause === undefined) signalGroup(child, 'SIGKILL');
    patience();
  });
  child.on('close', (code, signal) => {
    const { text } = output;
    settle({ ...verdict(cause, code, signal), ...(text === '' ? {} : { output: text }) });
  });
  return { ended, stop: () => end('the node was stopped') };
}

function read(stream: Readable, take: (bytes: Uint8Array) => void): void {
  let since = 0;
  stream.on('data', (bytes: Buffer) => {
    take(bytes);
    since += bytes.length;
    if (since < burstBytes) return;
    since = 0;
    stream.pause();
    setTimeout(() => stream.resume(), burstMs);
  });
}

function signalGroup({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody of it is left.
  }
}

function verdict(cause: string | undefined, code: number | null, signal: NodeJS.Signals | null): Outcome {
  if (cause !== undefined) return failed(cause);
  if (signal !== null) return failed(`killed by ${signal}`);
  return code === 0 ? { outcome: 'done' } : failed(`exit code ${code}`);
}

function failed(detail: string): Outcome {
  return { outcome: 'failed', detail };
}

function startFault(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') return 'not found';
  return code === 'EACCES' || code === 'EPERM' ? 'may not be run' : 'could not be started';
}
