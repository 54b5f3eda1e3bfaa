import { signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import { sentence } from '../api/request.ts';
import type { Invite } from '../api/types.ts';

export const invites = signal<readonly Invite[] | null>(null);
export const invitesFault = signal<string | null>(null);

export async function readInvites(): Promise<void> {
  try {
    invites.value = (await api.readInvites()).invites;
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
