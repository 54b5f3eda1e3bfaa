// The wall clock, but for its steps back: sessions, joins and waits are measured by it, and none may last longer for somebody
// setting the time. After a step back it stays ahead by that much until the next start.

/** `wall` in milliseconds since 1970, `monotonic` in milliseconds since any moment. */
export function steadyClock(
  wall: () => number = Date.now,
  monotonic: () => number = () => performance.now(),
): () => number {
  let anchor = wall();
  let anchoredAt = monotonic();
  return () => {
    const carried = anchor + (monotonic() - anchoredAt);
    const told = wall();
    if (told < carried) return Math.floor(carried);
    anchor = told;
    anchoredAt = monotonic();
    return Math.floor(told);
  };
}
