// The line that makes a machine a node by an invite: the page shows the same.
import { installAddress, installLine, type Fetcher, type Way } from '@sealcast/master/install/install-line';
import { nodeLine } from '@sealcast/master/install/node-line';
import type { MadeInvite } from '../api/views.ts';
import type { Connection } from '../session/connection.ts';

/** What Compose publishes the page at where nobody says otherwise. */
const usualPort = 8443;

interface Place {
  /** As --page says. */
  named: URL | undefined;
  /** Of the master in the invite; null where nodes come through a relay. */
  host: string | null;
  /** What is set as that. */
  publicHost: string | null;
}

/** Where a machine finds the page, and whether that is a guess. Undefined where nothing leads to one. */
export function pageFor({ page, client }: Connection, { named, host, publicHost }: Place) {
  const known = named ?? page;
  if (known !== null) return { url: known, isGuess: false };
  const name = host ?? publicHost;
  if (name === null) return undefined;
  const url = new URL(client.master.base.pathname, `https://${name.includes(':') ? `[${name}]` : name}:${usualPort}`);
  return { url, isGuess: true };
}

/** Null where `page` is needed and not known. */
export function installText(
  { invite, install }: MadeInvite,
  page: URL | undefined,
  { host, ...how }: { host: string | null; way: Way; fetcher: Fetcher },
): string | null {
  if (install === null) return nodeLine(invite);
  if (page === undefined) return null;
  return installLine({ invite, program: install, from: installAddress(page.href, host), ...how });
}
