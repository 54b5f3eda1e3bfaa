// Who counts as one peer: an IPv4 address, or a /64 of IPv6, which is what a single customer of a provider is given.
import { isIPv6 } from 'node:net';

const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** An address as people write it: IPv4 in IPv6 as IPv4, without a zone. */
export function plainAddress(address: string): string {
  const [bare = ''] = address.split('%');
  return mapped.exec(bare)?.[1] ?? bare;
}

/** What the limits for one address count by; `address` as plainAddress has it. */
export function addressGroup(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('::');
  const groups = head === '' ? [] : head.split(':');
  const rest = tail === undefined || tail === '' ? [] : tail.split(':');
  if (tail !== undefined)
    groups.push(...Array.from({ length: Math.max(0, 8 - groups.length - rest.length) }, () => '0'));
  return [...groups, ...rest]
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}
