import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { Refusals } from '../api/types.ts';

/** What the master has refused and cut, by reason; null while nothing is known. */
export const refusals = signal<Refusals | null>(null);
export const refusalsFault = signal<string | null>(null);

export async function readRefusals(): Promise<void> {
  try {
    refusals.value = await api.readRefusals();
    refusalsFault.value = null;
  } catch (error) {
    // What was known stays, and the next reading is soon.
    refusalsFault.value = sentence(error);
  }
}
