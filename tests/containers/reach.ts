// What can be reached from inside a container.
import { docker } from './docker.ts';

/** What becomes of a TCP connection from a container's network to each place, in their order: connected, timeout, or why not. */
export async function reach(
  container: string,
  places: readonly (readonly [host: string, port: number])[],
): Promise<string[]> {
  const script = `const { connect } = require('node:net');
    const tried = ([host, port]) => new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 3000 });
      const end = (what) => { socket.destroy(); resolve(what); };
      socket.on('connect', () => end('connected')).on('timeout', () => end('timeout')).on('error', ({ code }) => end(code));
    });
    Promise.all(JSON.parse(process.argv[1]).map(tried)).then((said) => console.log(JSON.stringify(said)));`;
  return JSON.parse(await docker(['exec', container, 'node', '-e', script, JSON.stringify(places)])) as string[];
}

/** The addresses of a container, and the machine's own address in each of its networks. */
export async function addressesOf(container: string): Promise<{ own: string[]; gateways: string[] }> {
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{.Gateway}}\n{{end}}';
  const rows = (await docker(['inspect', '--format', format, container]))
    .split('\n')
    .filter((row) => row.trim() !== '');
  return {
    own: rows.map((row) => row.split(' ')[0] ?? ''),
    gateways: rows.map((row) => row.split(' ')[1] ?? '').filter(Boolean),
  };
}

interface Guess {
  url: string;
  headers: Record<string, string>;
}

/**
 * Tries to sign in with names and passwords that nobody has, from a container with Node in it, one after the other and without a break.
 * Gives the statuses.
 */
export async function guess(container: string, guesses: readonly Guess[]): Promise<number[]> {
  const script = `const tried = ({ url, headers }) => new Promise((resolve, reject) => {
      const { request } = require(url.startsWith('https:') ? 'node:https' : 'node:http');
      const all = { 'content-type': 'application/json', ...headers };
      const options = { method: 'POST', agent: false, rejectUnauthorized: false, headers: all };
      const asked = request(url + 'api/session', options, (response) => resolve(response.resume().statusCode));
      asked.on('error', reject).end(JSON.stringify({ name: 'nobody ' + Math.random(), password: 'a guess' }));
    });
    (async () => {
      const said = [];
      for (const one of JSON.parse(process.argv[1])) said.push(await tried(one));
      console.log(JSON.stringify(said));
    })();`;
  return JSON.parse(await docker(['exec', container, 'node', '-e', script, JSON.stringify(guesses)])) as number[];
}

/** Twelve of them, each said to be from somebody else: where that is not believed, some have to wait (429). */
export function fromOthers(url: string, headers: Record<string, string> = {}): Guess[] {
  return Array.from({ length: 12 }, (_, index) => ({
    url,
    headers: { host: 'localhost', ...headers, 'x-forwarded-for': `203.0.113.${index}` },
  }));
}
