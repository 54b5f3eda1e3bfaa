// Numbers for people.

const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
const minute = 60;
const hour = 60 * minute;
const day = 24 * hour;

/** In IEC units to three digits at most, as the page has them: `9.8 KiB`, `512 MiB`. */
export function bytes(count: number): string {
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 99.95 ? 0 : 1)} ${units[unit]}`;
}

export function percent(share: number): string {
  return `${share.toFixed(0)} %`;
}

/** The largest unit that fits, and no more: `3 d`, `5 h`, `12 min`, `40 s`. */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 2 * day) return `${Math.floor(whole / day)} d`;
  if (whole >= 2 * hour) return `${Math.floor(whole / hour)} h`;
  if (whole >= 2 * minute) return `${Math.floor(whole / minute)} min`;
  return `${whole} s`;
}

/** Of a moment that is over. */
export function ago(atMs: number, nowMs: number): string {
  return `${duration((nowMs - atMs) / 1000)} ago`;
}

export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const two = (value: number) => String(value).padStart(2, '0');

/** In this machine's time zone: `2026-11-30 08:35`. */
export function moment(atMs: number): string {
  const date = new Date(atMs);
  const days = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join('-');
  return `${days} ${two(date.getHours())}:${two(date.getMinutes())}`;
}
