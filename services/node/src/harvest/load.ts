import { load } from './bounds.ts';
import { readText } from './reading.ts';

/** The load over 1, 5 and 15 minutes. */
export function readLoad(root: string): [number, number, number] {
  const [one, five, fifteen] = (readText(`${root}/proc/loadavg`) ?? '').split(' ', 3);
  return [load(Number(one)), load(Number(five)), load(Number(fifteen))];
}
