import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import type { TransportState } from '../api/types.ts';

/** Whether the master's end of the wire is up; null while nothing is known. */
export const transport = signal<TransportState | null>(null);

export async function readTransport(): Promise<void> {
  try {
    const { transport: state } = await api.readStatus();
    // What was read before an event came must not undo the event.
    if ((transport.value?.since ?? 0) <= state.since) transport.value = state;
  } catch {
    // Whether the master answers at all is shown elsewhere.
  }
}
