import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';

/** How many frames the master has refused, by reason; null while nothing is known. */
export const refusals = signal<Record<string, number> | null>(null);

export async function readRefusals(): Promise<void> {
  try {
    refusals.value = (await api.readRefusals()).counts;
  } catch {
    // A quiet place: what was known stays, and the next reading is soon.
  }
}
