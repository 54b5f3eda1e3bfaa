// The master's end of the wire: frames in, frames out, and nothing about what they mean. The sockets are in a process of their own,
// which is started again when it ends; sessions live here, so that nothing but frames under way is lost with it.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Refusal } from '@sealcast/channel/errors';
import type { Admits } from '@sealcast/hop/admission';
import type { ServerCredentials } from '@sealcast/hop/mechanism';
import type { Outlet } from '@sealcast/hop/server';
import type { Ports } from '@sealcast/hop/sockets';
import type { Logger } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import {
  type Arrival,
  type FromTransport,
  isFromTransport,
  type Port,
  type Question,
  type ToTransport,
} from './messages.ts';

export type { Outlet };

/** Each may throw Refusal: the frame is dropped, `refused` hears of it. */
export interface Receivers {
  join: (frame: Uint8Array) => void;
  data: (frame: Uint8Array) => void;
  refused: (refusal: Refusal) => void;
}

export interface TransportOptions {
  host: string | readonly string[];
  ports: Ports;
  credentials: ServerCredentials;
  admits: Admits;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  changed?: (status: TransportStatus) => void;
}

export interface TransportStatus {
  up: boolean;
  /** Milliseconds since 1970. */
  since: number;
  restarts: number;
}

const waitMinMs = 250;
const waitMaxMs = 10_000;
/** Who was up for so long has not failed again, but anew. */
const steadyMs = 60_000;
const stopWithinMs = 2000;
/** Messages to the process that it has not taken yet. Above it they are dropped, as PUB does, and the protocol repeats. */
const unsentMax = 4096;
const lastLines = 10;

export class Transport {
  readonly outlet: Outlet;
  readonly #options: TransportOptions;
  #receivers: Receivers | undefined;
  #child: ChildProcess | undefined;
  #status: TransportStatus;
  #failures = 0;
  #again: NodeJS.Timeout | undefined;
  /** From then on the process is started again where it ends. */
  #hasStarted = false;
  #isStopping = false;
  #unsent = 0;
  /** Frames that wait to join. Their turn is when there is nothing else to take, and one at a time. */
  readonly #joining: Uint8Array[] = [];
  #isTurnDue = false;
  /** Since it was last told. */
  #handled = { join: 0, data: 0 };
  /** Of the processes before, and of the one that runs. */
  #cutsBefore: Record<string, number> = {};
  #cutsNow: Record<string, number> = {};
  #relays: ReadonlySet<string> = new Set();

  constructor(options: TransportOptions) {
    this.#options = options;
    this.#status = { up: false, since: options.now(), restarts: 0 };
    const send = (port: Port) => (topic: Uint8Array, frame: Uint8Array) => {
      if (this.#unsent < unsentMax) this.#tell({ type: 'send', port, topic, frame });
    };
    this.outlet = { join: send('join'), data: send('data') };
  }

  /** Throws where a port is taken, and where the data port lets a stranger in. */
  async start(receivers: Receivers): Promise<void> {
    this.#receivers = receivers;
    await this.#launch();
    this.#hasStarted = true;
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#again);
    const child = this.#child;
    if (child === undefined) return;
    const { promise: ended, resolve } = Promise.withResolvers<void>();
    child.once('exit', () => resolve());
    this.#tell({ type: 'stop' });
    const patience = setTimeout(() => child.kill('SIGKILL'), stopWithinMs);
    await ended;
    clearTimeout(patience);
  }

  /** Cuts every connection to the data ports that was let in by this hop key, in hexadecimal. */
  drop(hopKey: string): void {
    this.#tell({ type: 'drop', hopKey });
  }

  status(): TransportStatus {
    return this.#status;
  }

  /** Frames that wait to join, and messages that the process has not taken yet. */
  queues(): { joins: number; outgoing: number } {
    return { joins: this.#joining.length, outgoing: this.#unsent };
  }

  /** How often connections were cut since the master started, by reason. */
  cuts(): Record<string, number> {
    return sum(this.#cutsBefore, this.#cutsNow);
  }

  /** Hop keys, in hexadecimal, of the relays that are connected. */
  relays(): ReadonlySet<string> {
    return this.#relays;
  }

  /** Rejects where the process ends before it has started. */
  async #launch(): Promise<void> {
    const { host, ports, credentials, log } = this.#options;
    const child = fork(program(), {
      serialization: 'advanced',
      execArgv: [],
      env: {},
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
    });
    this.#child = child;
    this.#unsent = 0;
    const said: string[] = [];
    if (child.stderr !== null)
      createInterface({ input: child.stderr }).on('line', (line) => said.splice(0, said.push(line) - lastLines));
    const started = Promise.withResolvers<void>();
    // Whoever is not waiting for the start any more hears of the end by the log.
    started.promise.catch(() => undefined);
    child.on('message', (message) => {
      if (!isFromTransport(message)) return;
      if (message.type === 'started') {
        this.#become(true);
        started.resolve();
      } else if (message.type === 'failed') started.reject(failure(message));
      else this.#take(child, message);
    });
    child.on('error', (error) => started.reject(error));
    child.once('close', (code, signal) => {
      started.reject(new Error(`the transport's process ended at its start: ${signal ?? code}\n${said.join('\n')}`));
      this.#ended(child, { code, signal, stderr: said });
    });
    this.#tell({ type: 'start', host, ports, credentials, logLevel: log.level });
    await started.promise;
  }

  #take(child: ChildProcess, message: Exclude<FromTransport, { type: 'started' | 'failed' }>): void {
    switch (message.type) {
      case 'arrived':
        this.#arrived(message.arrivals);
        return;
      case 'refused':
        this.#receivers?.refused(new Refusal(message.code));
        return;
      case 'ask':
        void this.#answer(child, message.id, message.question);
        return;
      case 'cuts':
        this.#cutsNow = message.cuts;
        return;
      case 'relays':
        this.#relays = new Set(message.hopKeys);
        return;
    }
  }

  // Anybody may ask to join, and it costs more than a message of who has joined: those go first.
  #arrived(arrivals: Arrival[]): void {
    for (const { port, frame } of arrivals) {
      if (port === 'join') this.#joining.push(frame);
      else this.#receive('data', frame);
    }
    this.#turn();
  }

  // After what has come meanwhile: then one that joins.
  #turn(): void {
    if (this.#isTurnDue) return;
    this.#isTurnDue = true;
    setImmediate(() => {
      this.#isTurnDue = false;
      const frame = this.#joining.shift();
      if (frame !== undefined) this.#receive('join', frame);
      this.#tellHandled();
      if (this.#joining.length > 0) this.#turn();
    });
  }

  #receive(port: Port, frame: Uint8Array): void {
    this.#handled[port] += 1;
    try {
      this.#receivers?.[port](frame);
    } catch (error) {
      if (error instanceof Refusal) this.#receivers?.refused(error);
      else this.#options.log.error({ err: error }, 'a message could not be handled');
    }
  }

  #tellHandled(): void {
    const { join: joins, data } = this.#handled;
    if (joins + data > 0) this.#tell({ type: 'handled', join: joins, data });
    this.#handled = { join: 0, data: 0 };
  }

  async #answer(child: ChildProcess, id: number, question: Question): Promise<void> {
    let verdict: Awaited<ReturnType<Admits>> = false;
    try {
      verdict = await this.#options.admits(question);
    } catch (error) {
      this.#options.log.error({ err: error }, 'whether a node may connect could not be told, so it may not');
    }
    // Another process counts its questions anew.
    if (this.#child === child) this.#tell({ type: 'verdict', id, verdict });
  }

  #tell(message: ToTransport): void {
    const child = this.#child;
    if (child?.connected !== true) return;
    this.#unsent += 1;
    child.send(message, () => {
      if (this.#child === child) this.#unsent -= 1;
    });
  }

  #ended(child: ChildProcess, how: { code: number | null; signal: NodeJS.Signals | null; stderr: string[] }): void {
    if (this.#child !== child) return;
    const { log, now } = this.#options;
    const wasUp = this.#status.up;
    this.#child = undefined;
    this.#joining.length = 0;
    this.#handled = { join: 0, data: 0 };
    this.#cutsBefore = this.cuts();
    this.#cutsNow = {};
    this.#relays = new Set();
    if (this.#isStopping) return this.#become(false);
    if (!this.#hasStarted) return;
    if (wasUp && now() - this.#status.since > steadyMs) this.#failures = 0;
    const waitMs = Math.min(waitMaxMs, waitMinMs * 2 ** this.#failures);
    this.#failures += 1;
    log.error({ ...how, againInMs: waitMs }, "the transport's process ended; nodes are cut off until it runs again");
    if (wasUp) this.#become(false);
    this.#again = setTimeout(() => void this.#relaunch(), waitMs);
  }

  async #relaunch(): Promise<void> {
    this.#status = { ...this.#status, restarts: this.#status.restarts + 1 };
    try {
      await this.#launch();
      this.#options.log.info({ restarts: this.#status.restarts }, "the transport's process runs again");
    } catch (error) {
      this.#options.log.error({ err: error }, "the transport's process could not start again");
    }
  }

  #become(up: boolean): void {
    this.#status = { ...this.#status, up, since: this.#options.now() };
    this.#options.changed?.(this.#status);
  }
}

// In a bundle the program lies beside it; its source is run as it is.
function program(): string {
  return join(import.meta.dirname, import.meta.filename.endsWith('.cjs') ? 'transport.cjs' : 'process.ts');
}

function failure({ text, forOperator }: { text: string; forOperator: boolean }): Error {
  return forOperator ? new StartError(text) : new Error(text);
}

function sum(some: Record<string, number>, more: Record<string, number>): Record<string, number> {
  const reasons = new Set([...Object.keys(some), ...Object.keys(more)]);
  return Object.fromEntries([...reasons].map((reason) => [reason, (some[reason] ?? 0) + (more[reason] ?? 0)]));
}
