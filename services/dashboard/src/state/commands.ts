import { computed, signal } from '@preact/signals';
import type { CommandView } from '../api/types.ts';

const commands = signal<ReadonlyMap<string, CommandView>>(new Map());

/** What was sent, newest first. */
export const sentCommands = computed(() => [...commands.value.values()].toSorted((a, b) => b.issued - a.issued));

/** The command that the broadcast panel follows. */
export const followed = signal<string | null>(null);
export const followedCommand = computed(() =>
  followed.value === null ? undefined : commands.value.get(followed.value),
);

export function putCommand(command: CommandView): void {
  commands.value = new Map(commands.value).set(command.id, command);
}

export function replaceCommands(list: readonly CommandView[]): void {
  commands.value = new Map(list.map((command) => [command.id, command]));
}
