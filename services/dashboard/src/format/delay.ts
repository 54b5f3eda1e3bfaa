const space = '\u00a0';

/** How long an answer took: 40 ms, 0.8 s, 12 s, 3 min. */
export function delay(ms: number): string {
  const whole = Math.max(0, ms);
  if (whole < 100) return `${Math.round(whole)}${space}ms`;
  if (whole < 9_950) return `${(whole / 1000).toFixed(1)}${space}s`;
  if (whole < 60_000) return `${Math.round(whole / 1000)}${space}s`;
  if (whole < 3_600_000) return `${Math.floor(whole / 60_000)}${space}min`;
  return `${Math.floor(whole / 3_600_000)}${space}h`;
}
