import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { ApiError, onSignedOut, sentence } from '../api/request.ts';

export type Session =
  | { state: 'unknown' }
  | { state: 'unreachable'; reason: string }
  | { state: 'out'; notice: string | null }
  | { state: 'in'; name: string };

export const session = signal<Session>({ state: 'unknown' });

export async function findSession(): Promise<void> {
  try {
    const { name } = await api.whoAmI();
    session.value = { state: 'in', name };
  } catch (error) {
    const nobody = error instanceof ApiError && error.status === 401;
    session.value = nobody ? { state: 'out', notice: null } : { state: 'unreachable', reason: sentence(error) };
  }
}

export async function enter(name: string, password: string): Promise<void> {
  await api.signIn(name, password);
  session.value = { state: 'in', name };
}

/** Signs out, and forgets everything that the page holds by loading it anew. */
export async function leave(): Promise<void> {
  await api.signOut().catch(() => undefined);
  location.reload();
}

onSignedOut(() => {
  if (session.value.state === 'in') {
    session.value = { state: 'out', notice: 'Your session has ended. Please sign in again.' };
  }
});
