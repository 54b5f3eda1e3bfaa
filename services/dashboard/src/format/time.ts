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
  if (whole < minute) return `${Math.floor(whole / second)}${space}s`;
  if (whole < hour) return `${Math.floor(whole / minute)}${space}min`;
  const [large, small, ofLarge, ofSmall] = whole < day ? [hour, minute, 'h', 'min'] : [day, hour, 'd', 'h'];
  const rest = Math.floor((whole % large) / small);
  const head = `${Math.floor(whole / large)}${space}${ofLarge}`;
  return rest === 0 ? head : `${head} ${rest}${space}${ofSmall}`;
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
