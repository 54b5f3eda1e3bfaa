import type { JSX } from 'preact';

// Drawn on a 16 px grid with a line of 1.5; they stand beside words or carry an aria-label on what holds them.
const paths = {
  fleet: 'M2.5 2.5h4.5v4.5h-4.5zM9 2.5h4.5v4.5h-4.5zM2.5 9h4.5v4.5h-4.5zM9 9h4.5v4.5h-4.5z',
  broadcast: 'M8 8h.01M5.2 10.8a4 4 0 0 1 0-5.6m5.6 0a4 4 0 0 1 0 5.6M3 13a7 7 0 0 1 0-10m10 0a7 7 0 0 1 0 10',
  add: 'M8 3v10M3 8h10',
  search: 'M7 12a5 5 0 1 0 0-10 5 5 0 0 0 0 10zm3.6-1.4L14 14',
  table: 'M2 4h12M2 8h12M2 12h12',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8 1v1.5m0 11V15M1 8h1.5m11 0H15M3 3l1.1 1.1m7.8 7.8L13 13M3 13l1.1-1.1m7.8-7.8L13 3',
  moon: 'M13.5 9.5A5.8 5.8 0 0 1 6.5 2.5a5.8 5.8 0 1 0 7 7z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  leave: 'M6 2.5H3v11h3M7 8h7m-2.8-2.8L14 8l-2.8 2.8',
  close: 'M4 4l8 8m0-8l-8 8',
  back: 'M7 3L2.5 8 7 13M3 8h11',
  copy: 'M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3',
  remove: 'M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.7 9h6.6l.7-9M6.7 7v4m2.6-4v4',
  rename: 'M3 13l.7-3 7-7 2.3 2.3-7 7zM9.4 4.3l2.3 2.3',
  shield: 'M8 1.8l5.2 1.9v4.1c0 3-2.1 5.3-5.2 6.4-3.1-1.1-5.2-3.4-5.2-6.4V3.7z',
  relay: 'M1.5 8h3m7 0h3M4.5 5.5h7v5h-7zM7 8h2',
  check: 'M3 8.5l3.2 3.2L13 4.8',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}

export function Seal(): JSX.Element {
  return (
    <svg class="seal" viewBox="0 0 32 32" width="28" height="28" aria-hidden="true" focusable="false">
      <rect class="seal-ground" width="32" height="32" rx="8" />
      <circle class="seal-core" cx="16" cy="16" r="3.2" />
      <path class="seal-near" d="M10.6 21.4a7.6 7.6 0 0 1 0-10.8m10.8 0a7.6 7.6 0 0 1 0 10.8" />
      <path class="seal-far" d="M6.9 25.1a12.9 12.9 0 0 1 0-18.2m18.2 0a12.9 12.9 0 0 1 0 18.2" />
    </svg>
  );
}
