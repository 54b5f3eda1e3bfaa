import { batch, computed, signal } from '@preact/signals';
import type { CommandOrder } from '../api/types.ts';
import { cleanText } from '../broadcast/clean-text.ts';
import { followed } from './commands.ts';
import { nodeIds } from './fleet.ts';

/** The most that a text may hold, PROTOCOL.md: bytes of UTF-8. */
export const textMaxBytes = 4096;

// The broadcast that is being written. It outlives the panel: closing it loses nothing.
export const composing = signal(false);
/** On a phone the panel makes room, so that nodes can be picked on the page. */
export const folded = signal(false);
export const kind = signal<'text' | 'interval'>('text');
export const text = signal('');
export const seconds = signal(5);
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

/** What keeps the draft from being sent, or null. */
export const draftFault = computed(() => {
  if (nodeIds.value.length === 0) return 'There are no nodes yet.';
  if (audienceSize.value === 0) return 'Pick at least one node.';
  if (kind.value === 'interval') {
    const whole = Number.isInteger(seconds.value) && seconds.value >= 1 && seconds.value <= 3600;
    return whole ? null : 'The interval is a whole number from 1 to 3600 seconds.';
  }
  if (textBytes.value === 0) return 'Write what to say.';
  if (textBytes.value > textMaxBytes) return `The text is too long: ${textBytes.value} of ${textMaxBytes} bytes.`;
  return null;
});

export function draftOrder(): CommandOrder {
  return {
    action:
      kind.value === 'text'
        ? { type: 'text', text: cleanText(text.value) }
        : { type: 'interval', seconds: seconds.value },
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
