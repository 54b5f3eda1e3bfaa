import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { Invite } from '../api/types.ts';

export const invites = signal<readonly Invite[] | null>(null);
/** What invites name as host where nobody says another; null where the master is not told, or not asked yet. */
export const publicHost = signal<string | null>(null);
export const invitesFault = signal<string | null>(null);

export async function readInvites(): Promise<void> {
  try {
    const answer = await api.readInvites();
    invites.value = answer.invites;
    publicHost.value = answer.publicHost;
    invitesFault.value = null;
  } catch (error) {
    invitesFault.value = sentence(error);
  }
}

export async function withdraw(id: string): Promise<void> {
  try {
    await api.withdrawInvite(id);
    await readInvites();
  } catch (error) {
    invitesFault.value = sentence(error);
  }
}
