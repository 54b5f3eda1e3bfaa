import { batch, computed, signal } from '@preact/signals';
import type { Action, CommandOrder } from '../api/types.ts';
import { programFault, splitArguments } from '../broadcast/argument-line.ts';
import { cleanText } from '../broadcast/clean-text.ts';
import { followed } from './commands.ts';
import { nodeIds } from './fleet.ts';

/** The most that a text may hold, PROTOCOL.md: bytes of UTF-8. */
export const textMaxBytes = 4096;

// The broadcast that is being written. It outlives the panel: closing it loses nothing.
export const composing = signal(false);
/** On a phone the panel makes room, so that nodes can be picked on the page. */
export const folded = signal(false);
export const kind = signal<Action['type']>('text');
export const text = signal('');
export const seconds = signal(5);
export const program = signal('');
export const argumentLine = signal('');
export const runSeconds = signal(30);
export const audience = signal<'everyone' | 'picked'>('everyone');
export const picked = signal<ReadonlySet<string>>(new Set());
export const expiresInSeconds = signal(3600);

export const textBytes = computed(() => new TextEncoder().encode(cleanText(text.value)).length);

/** Of the picked nodes, those that still exist. */
export const pickedHere = computed(() => nodeIds.value.filter((id) => picked.value.has(id)));
export const audienceSize = computed(() =>
  audience.value === 'everyone' ? nodeIds.value.length : pickedHere.value.length,
);

/** Whether a click on a node picks it. */
export const picking = computed(() => composing.value && followed.value === null);

function secondsFault(what: string, value: number): string | null {
  const whole = Number.isInteger(value) && value >= 1 && value <= 3600;
  return whole ? null : `${what} is a whole number from 1 to 3600 seconds.`;
}

function textFault(): string | null {
  if (textBytes.value === 0) return 'Write what to say.';
  return textBytes.value > textMaxBytes ? `The text is too long: ${textBytes.value} of ${textMaxBytes} bytes.` : null;
}

const faultOf: Record<Action['type'], () => string | null> = {
  text: textFault,
  interval: () => secondsFault('The interval', seconds.value),
  rotate: () => null,
  run: () => programFault(program.value.trim(), argumentLine.value) ?? secondsFault('The time limit', runSeconds.value),
};

/** What keeps the draft from being sent, or null. */
export const draftFault = computed(() => {
  if (nodeIds.value.length === 0) return 'There are no nodes yet.';
  if (audienceSize.value === 0) return 'Pick at least one node.';
  return faultOf[kind.value]();
});

const actionOf: Record<Action['type'], () => Action> = {
  text: () => ({ type: 'text', text: cleanText(text.value) }),
  interval: () => ({ type: 'interval', seconds: seconds.value }),
  rotate: () => ({ type: 'rotate' }),
  run: () => ({
    type: 'run',
    program: program.value.trim(),
    arguments: splitArguments(argumentLine.value) ?? [],
    seconds: runSeconds.value,
  }),
};

export function draftAction(): Action {
  return actionOf[kind.value]();
}

export function draftOrder(): CommandOrder {
  return {
    action: draftAction(),
    targets: audience.value === 'everyone' ? 'everyone' : [...pickedHere.value],
    expiresInSeconds: expiresInSeconds.value,
  };
}

/** Opens the panel; with ids, for these nodes alone. */
export function compose(ids?: Iterable<string>): void {
  batch(() => {
    composing.value = true;
    folded.value = false;
    followed.value = null;
    if (ids) {
      audience.value = 'picked';
      picked.value = new Set(ids);
    }
  });
}

export function closeDraft(): void {
  batch(() => {
    composing.value = false;
    folded.value = false;
    followed.value = null;
  });
}

export function togglePicked(id: string): void {
  const next = new Set(picked.value);
  if (!next.delete(id)) next.add(id);
  batch(() => {
    picked.value = next;
    audience.value = 'picked';
  });
}
