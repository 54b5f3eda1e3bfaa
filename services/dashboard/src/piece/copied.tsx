import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { copy } from './clipboard.ts';
import { Icon } from './icons.tsx';

const shownMs = 2500;

/** A text that is there to be taken along, with a button that copies it. */
export function Copied({ label, text }: { label: string; text: string }): JSX.Element {
  const result = useSignal<'copied' | 'failed' | null>(null);
  const box = useRef<HTMLElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const take = async () => {
    const worked = await copy(text);
    result.value = worked ? 'copied' : 'failed';
    // Where it can't be copied, it is marked, so that the keyboard can.
    if (!worked && box.current) getSelection()?.selectAllChildren(box.current);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      result.value = null;
    }, shownMs);
  };
  return (
    <div class="copied">
      <div class="copied-head">
        <span>{label}</span>
        <button type="button" class="button small" onClick={() => void take()}>
          <Icon name={result.value === 'copied' ? 'check' : 'copy'} />
          <span aria-live="polite">
            {result.value === 'copied' ? 'Copied' : result.value === 'failed' ? 'Press Ctrl+C' : 'Copy'}
          </span>
        </button>
      </div>
      <code ref={box} tabIndex={0} aria-label={label}>
        {text}
      </code>
    </div>
  );
}
