// Whose X-Forwarded headers are believed.
import { isIP } from 'node:net';
import { EnvError, makeExactValidator } from 'envalid';
import type { ServerOptions } from './http/server.ts';

const bits = new Map([
  [4, 32],
  [6, 128],
]);

/** `true`, `false`, or addresses and networks (10.0.0.0/8) between commas. */
export const proxies = makeExactValidator<boolean | string[]>((text) => {
  if (text === 'true' || text === 'false') return text === 'true';
  const places = text.split(',').map((place) => place.trim());
  if (!places.every(isPlace))
    throw new EnvError(`is "${text}"; write true, false, or the addresses or networks of the proxies between commas`);
  return places;
});

function isPlace(text: string): boolean {
  const [, address = '', prefix] = /^([0-9a-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const most = bits.get(isIP(address));
  return most !== undefined && (prefix === undefined || (Number(prefix) >= 1 && Number(prefix) <= most));
}

/** For Fastify. Where nobody is named, the proxy is the peer itself; what stands further off in X-Forwarded-For was written by anybody. */
export function trustedProxies(setting: boolean | string[]): ServerOptions['proxies'] {
  if (typeof setting !== 'boolean') return setting;
  return setting ? (_address, hop) => hop === 0 : undefined;
}
