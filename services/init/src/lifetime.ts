import type { X509Certificate } from 'node:crypto';

const dayMs = 24 * 60 * 60 * 1000;
const soonMs = 30 * dayMs;

/** In UTC. */
export function day(date: Date): string {
  return date.toISOString().slice(0, 10);
}

/**
 * What is to be said about a certificate's dates; undefined where it is good for more than 30 days. It is never a
 * fault: a machine may start with a wrong clock, and nodes and master do without this certificate.
 */
export function lifetimeWarning(
  { validFromDate: from, validToDate: to }: X509Certificate,
  now: Date,
): string | undefined {
  const left = to.getTime() - now.getTime();
  if (now < from) return `is not valid before ${day(from)}, and this machine's clock says ${day(now)}`;
  if (left <= 0) return `has expired on ${day(to)}`;
  const days = Math.floor(left / dayMs);
  return left <= soonMs ? `expires on ${day(to)}, in ${days} ${days === 1 ? 'day' : 'days'}` : undefined;
}
