// What stands at the edge of a chart, and how far apart.

const kibi = 1024;

/** Steps of a scale of bytes: powers of two, so that the marks are round numbers in IEC units. */
export const byteSteps = Array.from({ length: 50 }, (_, power) => 2 ** power);

/** A mark without the digits that it does not need: 8 MiB/s, 0.5, 20 °C. */
export function plainMark(written: string): string {
  return written.replace(/^(-?\d+)\.0+(?=\D|$)/, '$1').replace(/^(-?\d+\.\d*?[1-9])0+(?=\D|$)/, '$1');
}

/** The top of a scale that starts at 0: the highest value with a little room, but never less than `least`. */
export function topOf(highest: number, least: number): number {
  return Math.max(highest * 1.1, least);
}

/** The least tops keep the noise of an idle machine low. */
export const leastTop = { percent: 100, rate: 16 * kibi, celsius: 60, load: 1 } as const;

export type Scale = keyof typeof leastTop;
