// Who may say for whom a request is: the peers whose X-Forwarded headers are believed. Everybody else is whom the socket says.
import { lookup as systemLookup } from 'node:dns/promises';
import { BlockList, isIPv6 } from 'node:net';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { gateway, isNetwork } from '../proxies-setting.ts';
import { gatewayAddress } from './gateway.ts';
import { HttpError } from './errors.ts';

/** `address` is undefined for the peer at a Unix socket; `hop` 0 is the peer itself, and what follows is what it says of those before it. */
export type IsProxy = (address: string | undefined, hop: number) => boolean;

export interface Proxies {
  readonly isProxy: IsProxy;
  /** Looks names up anew where that is due. To be awaited before a request with X-Forwarded headers is looked at. */
  readonly refresh?: () => Promise<void>;
}

type Lookup = (name: string) => Promise<string[]>;

/** A container that is made anew has another address: names are asked for no less often while they are needed. */
const knownMs = 2000;

const allAddresses: Lookup = async (name) => (await systemLookup(name, { all: true })).map(({ address }) => address);

/** Where nobody is named, the proxy is the peer itself; what stands further off in X-Forwarded-For was written by anybody. */
export const peerIsProxy: IsProxy = (_address, hop) => hop === 0;

/** Whoever may open the Unix socket is the proxy; nobody else is. */
export const socketIsProxy: IsProxy = (address, hop) => address === undefined && hop === 0;

/**
 * `places` are addresses, networks, names and `gateway`. Throws StartError where there is no gateway.
 * @param now milliseconds of a clock that only goes forward
 */
export function namedProxies(
  places: readonly string[],
  { lookup = allAddresses, now = () => performance.now() }: { lookup?: Lookup; now?: () => number } = {},
): Proxies {
  const fixed = new BlockList();
  for (const place of places.filter(isNetwork)) addTo(fixed, place);
  if (places.includes(gateway)) addTo(fixed, gatewayAddress());
  const names = places.filter((place) => !isNetwork(place) && place !== gateway);
  let known = new BlockList();
  let knownUntil = -Infinity;
  let looking: Promise<void> | undefined;
  const look = async () => {
    const found = await Promise.all(names.map(async (name) => await lookup(name).catch(() => [])));
    known = new BlockList();
    for (const address of found.flat()) addTo(known, address);
    knownUntil = now() + knownMs;
    looking = undefined;
  };
  return {
    isProxy: (address) => address !== undefined && (holds(fixed, address) || holds(known, address)),
    refresh: async () => {
      if (names.length > 0 && now() >= knownUntil) await (looking ??= look());
    },
  };
}

/** Must stand before whatever looks at a request's address or host. */
export function knowProxies(app: FastifyInstance, { refresh }: Proxies): void {
  app.addHook('onRequest', async (request) => {
    if (refresh !== undefined && saysForWhom(request)) await refresh();
    // The peer at a Unix socket has no address of its own to go by.
    const address: string | undefined = request.ip;
    if (address === undefined) throw new HttpError('request.nobody');
  });
}

function saysForWhom({ headers }: FastifyRequest): boolean {
  return ['x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto'].some((name) => headers[name] !== undefined);
}

function addTo(list: BlockList, place: string): void {
  const [address = '', prefix] = place.split('/');
  const family = isIPv6(address) ? 'ipv6' : 'ipv4';
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}

// Also what a proxy says of others, which may be anything; the list knows IPv4 in IPv6 by itself.
function holds(list: BlockList, text: string): boolean {
  const [address = ''] = text.split('%');
  return list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
}
