import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect } from 'preact/hooks';

const watched = new WeakMap<Element, (visible: boolean) => void>();
// Somewhat before it scrolls into view, so that a chart stands when it is seen.
const observer = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) watched.get(entry.target)?.(entry.isIntersecting);
  },
  { rootMargin: '200px 0px' },
);

/** Whether an element is in view, or nearly so. */
export function useVisible(ref: RefObject<Element | null>): ReadonlySignal<boolean> {
  const visible = useSignal(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return undefined;
    watched.set(element, (now) => {
      visible.value = now;
    });
    observer.observe(element);
    return () => observer.unobserve(element);
  }, [ref, visible]);
  return visible;
}
