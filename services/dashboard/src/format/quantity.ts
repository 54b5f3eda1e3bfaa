// Numbers as people read them. A no-break space stands between a number and its unit.

const space = '\u00a0';
const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'];

interface Quantity {
  value: string;
  unit: string;
}

/** A count of bytes in IEC units, to three digits at most: 999 B, 9.8 KiB, 15.5 GiB, 512 MiB. */
function byteQuantity(size: number): Quantity {
  let scaled = Math.max(0, size);
  let step = 0;
  // What would be written as 1000 or more goes to the next unit, so that a number never needs four digits.
  while (scaled >= 999.5 && step < units.length - 1) {
    scaled /= 1024;
    step += 1;
  }
  const digits = step === 0 || scaled >= 99.95 ? 0 : 1;
  return { value: scaled.toFixed(digits), unit: units[step] ?? '' };
}

export function bytes(size: number): string {
  const { value, unit } = byteQuantity(size);
  return value + space + unit;
}

export function rate(bytesPerSecond: number): string {
  return `${bytes(bytesPerSecond)}/s`;
}

/** A part of a whole in the whole's unit: 3.1 of 7.7 GiB. */
export function bytesOf(part: number, whole: number): string {
  const step = Math.max(0, units.indexOf(byteQuantity(whole).unit));
  const scaled = Math.max(0, part) / 1024 ** step;
  const digits = step === 0 || scaled >= 99.95 ? 0 : 1;
  return `${scaled.toFixed(digits)} of ${bytes(whole)}`;
}

/** One digit after the point below ten, none above: 0.4%, 9.9%, 10%, 100%. */
export function percent(value: number): string {
  return `${value.toFixed(value < 9.95 ? 1 : 0)}%`;
}

export function celsius(degrees: number): string {
  return `${degrees.toFixed(0)}${space}°C`;
}

/** One node, 2 nodes. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number.toLocaleString('en-GB')}${space}${number === 1 ? noun : plural}`;
}
