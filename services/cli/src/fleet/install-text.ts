// The line that makes a machine a node by an invite: the page shows the same.
import {
  carriedLine,
  type Fetcher,
  installAddress,
  installLine,
  takeOutLine,
  type Way,
} from '@sealcast/master/install/install-line';
import { nodeLine } from '@sealcast/master/install/node-line';
import type { MadeInvite } from '../api/views.ts';
import type { Connection } from '../session/connection.ts';

/** What Compose publishes the page at where nobody says otherwise. */
const usualPort = 8443;

interface Order {
  /** The page, as --page names it. */
  named: URL | undefined;
  /** Of the master in the invite; null where nodes come through a relay. */
  host: string | null;
  way: Way;
  fetcher: Fetcher;
}

export interface InstallText {
  line: string;
  /** What to know or do before it is run; '' for nothing. */
  before: string;
  /** What it takes for granted; '' for nothing. */
  after: string;
}

export function installText(
  { page, client }: Connection,
  { invite, install }: MadeInvite,
  { named, host, way, fetcher }: Order,
): InstallText {
  if (install === null)
    return { line: nodeLine(invite), before: 'in a clone of the repository with the image of a node', after: '' };
  if (host === null && named === undefined)
    return {
      line: carriedLine(invite, way),
      before: `beside the folder that “${takeOutLine}” makes where the master is`,
      after:
        'Behind a relay the machine can’t fetch from the master; one that can takes another line: --page https://NAME:8443',
    };
  const known = named ?? page;
  const from = known ?? usualPage(host ?? '', client.master.base.pathname);
  return {
    line: installLine({ invite, program: install, from: installAddress(from.href, host), way, fetcher }),
    before: '',
    after: known === null ? `It takes the page to be at ${from.href}; if it is elsewhere, --page says so.` : '',
  };
}

function usualPage(host: string, path: string): URL {
  return new URL(path, `https://${host.includes(':') ? `[${host}]` : host}:${usualPort}`);
}
