import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { CommandView, NodeView, TransportState } from '../api/types.ts';
import { harmlessValue } from '../format/harmless.ts';
import { setMasterTime } from './clock.ts';
import { clearFleet, fleetFault, nodeArrived, nodeRemoved, replaceNodes } from './fleet.ts';
import { putCommand, replaceCommands } from './commands.ts';
import { forgetHistories } from './histories.ts';
import { readTransport, transport } from './transport.ts';

const retryMinMs = 1000;
const retryMaxMs = 15_000;
/** A laptop that wakes up may hold a connection that is long dead; after this much sleep it is opened anew. */
const sleepMs = 20_000;

export const liveState = signal<'connecting' | 'live' | 'lost'>('connecting');
export const lostSince = signal<number | null>(null);

let source: EventSource | undefined;
let retry: ReturnType<typeof setTimeout> | undefined;
let failures = 0;
let everOpen = false;
let hiddenAt: number | undefined;

/** Reads the whole state; what fails is shown by the page. */
export async function readState(): Promise<void> {
  try {
    const [fleet, sent] = await Promise.all([api.readNodes(), api.readCommands()]);
    setMasterTime(fleet.time);
    replaceNodes(fleet.nodes);
    replaceCommands(sent.commands);
  } catch (error) {
    fleetFault.value = sentence(error);
  }
}

function lost(): void {
  if (liveState.value !== 'lost') {
    liveState.value = 'lost';
    lostSince.value = Date.now();
  }
  // The browser tries again by itself unless the answer was a refusal; then it is on us, and a call tells whether the
  // session has ended (a 401 signs out, whoever called).
  if (source?.readyState !== EventSource.CLOSED) return;
  clearTimeout(retry);
  retry = setTimeout(
    () => {
      failures += 1;
      open();
    },
    Math.min(retryMaxMs, retryMinMs * 2 ** failures),
  );
  api.whoAmI().catch(() => undefined);
}

function opened(): void {
  failures = 0;
  if (everOpen) forgetHistories();
  everOpen = true;
  liveState.value = 'live';
  lostSince.value = null;
  void readState();
  void readTransport();
}

function open(): void {
  source?.close();
  source = new EventSource('api/events');
  source.addEventListener('open', opened);
  source.addEventListener('error', lost);
  source.addEventListener('node', (event) => {
    const node: NodeView = JSON.parse(event.data, harmlessValue);
    nodeArrived(node);
  });
  source.addEventListener('removed', (event) => {
    const { id }: { id: string } = JSON.parse(event.data);
    nodeRemoved(id);
  });
  source.addEventListener('command', (event) => {
    const command: CommandView = JSON.parse(event.data, harmlessValue);
    putCommand(command);
  });
  source.addEventListener('transport', (event) => {
    const state: TransportState = JSON.parse(event.data);
    transport.value = state;
  });
}

function visibilityChanged(): void {
  if (document.visibilityState === 'hidden') hiddenAt = Date.now();
  else if (hiddenAt !== undefined && Date.now() - hiddenAt > sleepMs && source) open();
}

/** Reads everything and follows it until `stopLive`. */
export function startLive(): void {
  everOpen = false;
  failures = 0;
  liveState.value = 'connecting';
  document.addEventListener('visibilitychange', visibilityChanged);
  addEventListener('online', open);
  open();
  // Not only on 'open': where live updates never come, the page still shows what is.
  void readState();
}

export function stopLive(): void {
  clearTimeout(retry);
  document.removeEventListener('visibilitychange', visibilityChanged);
  removeEventListener('online', open);
  source?.close();
  source = undefined;
  clearFleet();
  transport.value = null;
  replaceCommands([]);
  forgetHistories();
}
