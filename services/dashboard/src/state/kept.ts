import { type Signal, signal } from '@preact/signals';

function read(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key: string, value: string): void {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be full or closed to the page: the choice then lasts as long as the page.
  }
}

/** A choice that this browser remembers, one of `choices`; the first stands until another is made. */
export function kept<const T extends string>(name: string, choices: readonly [T, ...T[]]): Signal<T> {
  const key = `sealcast.${name}`;
  const stored = read(key);
  const choice = signal(choices.find((one) => one === stored) ?? choices[0]);
  choice.subscribe((value) => {
    if (value !== (read(key) ?? choices[0])) write(key, value);
  });
  return choice;
}
