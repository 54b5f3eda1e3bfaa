// Whose X-Forwarded headers are believed.
import { isIP } from 'node:net';
import { isHost } from '@sealcast/runtime/host';
import { EnvError, makeExactValidator } from 'envalid';

const bits = new Map([
  [4, 32],
  [6, 128],
]);

/** The machine that a container runs on, as the container sees it. */
export const gateway = 'gateway';

// Whoever writes one of these means true or false, and names no machine.
const noNames = new Set(['true', 'false', 'yes', 'no', 'on', 'off']);

/** `true`, `false`, or addresses, networks (10.0.0.0/8), names and `gateway` between commas. */
export const proxies = makeExactValidator<boolean | string[]>((text) => {
  if (text === 'true' || text === 'false') return text === 'true';
  const places = text.split(',').map((place) => place.trim());
  if (!places.every((place) => isNetwork(place) || (isHost(place) && !noNames.has(place.toLowerCase()))))
    throw new EnvError(
      `is "${text}"; write true, false, or the names, addresses or networks of the proxies between commas`,
    );
  return places;
});

/** An address, or a network. */
export function isNetwork(text: string): boolean {
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const most = bits.get(isIP(address));
  return most !== undefined && (prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= most));
}
