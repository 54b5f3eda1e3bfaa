import { isThisMachine } from './this-machine.ts';

export type Way = 'service' | 'container';
export type Fetcher = 'curl' | 'wget';

export interface InstallOrder {
  invite: string;
  /** SHA-256 of the program that installs a node. */
  program: string;
  /** Where the master serves it, without a slash at the end. */
  from: string;
  way: Way;
  fetcher: Fetcher;
}

// The hash in a line of before an upgrade is of no file that the master still has.
const unfetched =
  'echo "sealcast: nothing can be fetched: take a new line from the page, and see that this machine reaches $u" >&2';

/**
 * The one line that installs a node. What is fetched is run only if it has the hash; so it need not matter who serves it, and no
 * certificate is looked at: a false server can send no more than 64 KiB (128 KiB in bash), for no more than a minute, and nowhere else.
 * The invite goes in by a pipe from the shell's own echo, and never is a command's argument.
 */
export function installLine({ invite, program, from, way, fetcher }: InstallOrder): string {
  const get = {
    curl: 'curl -fsSk -o "$f" "$u/$h.sh"',
    wget: 'wget -q --no-check-certificate --max-redirect=0 -O "$f" "$u/$h.sh"',
  }[fetcher];
  const steps = [
    'f=$(mktemp)',
    `(trap "" XFSZ; ulimit -f 128; timeout 60 ${get} || { ${unfetched}; exit 1; })`,
    'echo "$h  $f" | sha256sum -c - >/dev/null',
    `echo '${invite}' | sh "$f" "$u"${way === 'container' ? ' --container' : ''}`,
  ];
  return `(h=${program}; u='${from.replaceAll("'", '%27')}'; ${steps.join(' && ')}; s=$?; rm -f "$f"; exit $s)`;
}

/** Takes what a node is installed from out of the master, into a folder that is carried to the machine. */
export const takeOutLine = 'docker compose cp master:/app/install .';

/** The line beside that folder. The program compares itself with the hash that the invite pins. */
export function carriedLine(invite: string, way: Way): string {
  return `echo '${invite}' | sh install/*.sh ./install${way === 'container' ? ' --container' : ''}`;
}

export const removeLine = 'sudo /opt/sealcast-node/setup remove';

/**
 * Where the machine fetches from: the page as it is seen from here, or, where that is seen from the master's own machine alone, the host
 * of the invite. `host` is null for an invite through a relay.
 */
export function installAddress(page: string, host: string | null): string {
  const url = new URL('install', page);
  const name = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host !== null && isThisMachine(name) && !isThisMachine(host))
    url.hostname = host.includes(':') ? `[${host}]` : host;
  return url.href;
}
