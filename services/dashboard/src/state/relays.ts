import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { Relays } from '../api/types.ts';

export const relays = signal<Relays | null>(null);
export const relaysFault = signal<string | null>(null);

export async function readRelays(): Promise<void> {
  try {
    relays.value = await api.readRelays();
    relaysFault.value = null;
  } catch (error) {
    relaysFault.value = sentence(error);
  }
}

export async function removeRelay(id: string): Promise<void> {
  try {
    await api.removeRelay(id);
    await readRelays();
  } catch (error) {
    relaysFault.value = sentence(error);
  }
}
