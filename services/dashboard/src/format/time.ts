const space = '\u00a0';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

const clockFormat = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const preciseFormat = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});
const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const yearFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric' });

/** The two largest units that count: 45 s, 12 min, 4 h 12 min, 12 d 3 h. */
export function duration(ms: number): string {
  const whole = Math.max(0, ms);
  const { head, rest, unit } = parts(whole);
  return rest === 0 ? head : `${head} ${rest}${space}${unit}`;
}

/** The same of `seconds`, and never less exact than the hour: 1 d 0 h, where a duration is 1 d. */
export function uptime(seconds: number): string {
  const { head, rest, unit } = parts(seconds * second);
  return unit === '' ? head : `${head} ${rest}${space}${unit}`;
}

/** How long to wait, never less: 20 s, 90 s, 15 min. */
export function wait(ms: number): string {
  return ms <= 2 * minute ? `${Math.ceil(ms / second)}${space}s` : `${Math.ceil(ms / minute)}${space}min`;
}

// `unit` is '' where there is only one.
function parts(ms: number): { head: string; rest: number; unit: string } {
  if (ms < minute) return { head: `${Math.floor(ms / second)}${space}s`, rest: 0, unit: '' };
  if (ms < hour) return { head: `${Math.floor(ms / minute)}${space}min`, rest: 0, unit: '' };
  const [large, small, ofLarge, unit] = ms < day ? [hour, minute, 'h', 'min'] : [day, hour, 'd', 'h'];
  const rest = Math.floor((ms % large) / small);
  return { head: `${Math.floor(ms / large)}${space}${ofLarge}`, rest, unit };
}

/** How long ago, in one unit: just now, 12 s ago, 3 min ago, 2 h ago, 5 d ago. */
export function ago(at: number, now: number): string {
  const past = now - at;
  if (past < 2 * second) return 'just now';
  if (past < minute) return `${Math.floor(past / second)}${space}s ago`;
  if (past < hour) return `${Math.floor(past / minute)}${space}min ago`;
  if (past < day) return `${Math.floor(past / hour)}${space}h ago`;
  return `${Math.floor(past / day)}${space}d ago`;
}

/** 14:02 */
export function clock(at: number): string {
  return clockFormat.format(at);
}

/** 14:02:09 */
export function preciseClock(at: number): string {
  return preciseFormat.format(at);
}

/** 14:02 today, 21 Nov 14:02 in the same year, and 21 Nov 2025 14:02 else. */
export function moment(at: number, now: number): string {
  const then = new Date(at);
  const today = new Date(now);
  if (then.toDateString() === today.toDateString()) return clock(at);
  const date = then.getFullYear() === today.getFullYear() ? dayFormat : yearFormat;
  return `${date.format(at)} ${clock(at)}`;
}

/** The whole date and time, for titles. */
export function fullMoment(at: number): string {
  return `${yearFormat.format(at)} ${preciseClock(at)}`;
}
