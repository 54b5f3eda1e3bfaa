// The transport's own process: libzmq ends a process where it finds itself wrong, and the master and its page outlive that.
import type { Verdict } from '@sealcast/hop/admission';
import { HopServer } from '@sealcast/hop/server';
import { createLog } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import {
  type Arrival,
  type FromTransport,
  isToTransport,
  type Port,
  type Question,
  type ToTransport,
  unhandledMax,
} from './messages.ts';
import { Window } from './window.ts';

const tellMs = 1000;

let server: HopServer | undefined;
const questions = new Map<number, (verdict: Verdict) => void>();
let lastQuestion = 0;
let arrivals: Arrival[] = [];
const unhandled: Readonly<Record<Port, Window>> = {
  join: new Window(unhandledMax.join),
  data: new Window(unhandledMax.data),
};
const told = { cuts: '', relays: '' };

function tell(message: FromTransport): void {
  // The master is gone, and this process with it.
  if (process.connected) process.send?.(message);
}

// Frames of one turn go together: a message between processes costs more than a frame.
function arrived(port: Port, frame: Uint8Array): void | Promise<void> {
  if (arrivals.length === 0)
    setImmediate(() => {
      tell({ type: 'arrived', arrivals });
      arrivals = [];
    });
  arrivals.push({ port, frame });
  return unhandled[port].arrived(frame.length);
}

function ask(question: Question): Promise<Verdict> {
  lastQuestion += 1;
  const id = lastQuestion;
  const { promise, resolve } = Promise.withResolvers<Verdict>();
  questions.set(id, resolve);
  tell({ type: 'ask', id, question });
  return promise;
}

function answered(id: number, verdict: Verdict): void {
  questions.get(id)?.(verdict);
  questions.delete(id);
}

async function start({ host, ports, credentials, logLevel }: ToTransport & { type: 'start' }): Promise<void> {
  const log = createLog('transport', logLevel);
  server = new HopServer({ host, ports, credentials, admits: ask, log });
  try {
    await server.start({
      join: (frame) => arrived('join', frame),
      data: (frame) => arrived('data', frame),
      refused: ({ code }) => tell({ type: 'refused', code }),
    });
    tell({ type: 'started' });
    setInterval(() => {
      tellCuts();
      tellRelays();
    }, tellMs).unref();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    process.send?.({ type: 'failed', text, forOperator: error instanceof StartError } satisfies FromTransport, () =>
      process.exit(1),
    );
  }
}

function tellCuts(): void {
  const cuts = server?.cuts() ?? {};
  const now = JSON.stringify(cuts);
  if (now !== told.cuts) tell({ type: 'cuts', cuts });
  told.cuts = now;
}

function tellRelays(): void {
  const hopKeys = server?.relays() ?? [];
  const now = hopKeys.toSorted().join();
  if (now !== told.relays) tell({ type: 'relays', hopKeys });
  told.relays = now;
}

async function stop(): Promise<void> {
  tellCuts();
  await server?.stop();
  process.disconnect?.();
}

function take(message: ToTransport): void {
  switch (message.type) {
    case 'start':
      void start(message);
      return;
    case 'send':
      server?.outlet[message.port](message.topic, message.frame);
      return;
    case 'verdict':
      answered(message.id, message.verdict);
      return;
    case 'handled':
      unhandled.join.handled(message.join);
      unhandled.data.handled(message.data);
      return;
    case 'drop':
      server?.drop(message.hopKey);
      return;
    case 'stop':
      void stop();
      return;
  }
}

// Ctrl-C and systemd reach the whole group: the master says when this process is to stop.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (message) => isToTransport(message) && take(message));
