import { signal } from '@preact/signals';

let aheadMs = 0;

/** The master's time in milliseconds, once a second. */
export const now = signal(Date.now());

function tick(): void {
  now.value = Date.now() + aheadMs;
}

/** The master's clock is what every time on the page is in; this browser's may differ. */
export function setMasterTime(time: number): void {
  aheadMs = time - Date.now();
  tick();
}

setInterval(tick, 1000);
