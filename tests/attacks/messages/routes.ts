// Every route of the master's, and everybody who may come to it.
import { randomBytes } from 'node:crypto';
import { nodeId } from '../../unit/master/http/fake-fleet.ts';
import { openEvents } from '../../unit/master/http/open-events.ts';
import type { testServer } from '../../unit/master/http/test-server.ts';

const invite = 'e'.repeat(64);
const relay = 'd'.repeat(32);
const order = { action: { type: 'text', text: 'hello' }, targets: 'everyone' };

/** What a route answers to whoever is signed in; to everybody else 401, unless `open`. */
export const routes: Record<string, { path?: string; body?: object; signedIn: number; open?: number }> = {
  'GET /api/health': { signedIn: 200, open: 200 },
  'GET /api/ready': { signedIn: 200, open: 200 },
  'GET /docs': { signedIn: 200 },
  'GET /docs/json': { signedIn: 200 },
  'POST /api/session': { body: { name: 'admin', password: 'a guess' }, signedIn: 401 },
  'GET /api/session': { signedIn: 200 },
  'GET /api/nodes': { signedIn: 200 },
  'GET /api/nodes/:id/history': { path: `/api/nodes/${nodeId}/history`, signedIn: 200 },
  'PUT /api/nodes/:id/name': { path: `/api/nodes/${nodeId}/name`, body: { name: 'x' }, signedIn: 204 },
  'DELETE /api/nodes/:id/clone': { path: `/api/nodes/${nodeId}/clone`, signedIn: 204 },
  'GET /api/commands': { signedIn: 200 },
  'POST /api/commands': { body: order, signedIn: 201 },
  'GET /api/invites': { signedIn: 200 },
  'POST /api/invites': { body: { label: 'a' }, signedIn: 201 },
  'DELETE /api/invites/:id': { path: `/api/invites/${invite}`, signedIn: 204 },
  'GET /api/relays': { signedIn: 200 },
  'POST /api/relays': { body: { name: 'barn', line: 'sealcast-hop1:x' }, signedIn: 201 },
  'DELETE /api/relays/:id': { path: `/api/relays/${relay}`, signedIn: 204 },
  'GET /api/status': { signedIn: 200 },
  'GET /api/refusals': { signedIn: 200 },
  'GET /api/events': { signedIn: 200 },
  'DELETE /api/nodes/:id': { path: `/api/nodes/${nodeId}`, signedIn: 204 },
  'DELETE /api/session': { signedIn: 204 },
};

export type Server = Awaited<ReturnType<typeof testServer>>;
const hour = 3_600_000;

export const visitors: Record<string, (server: Server) => Promise<Record<string, string>>> = {
  'is signed out': async () => ({}),
  'made a session up': async () => ({ cookie: `sealcast_session=${randomBytes(32).toString('base64url')}` }),
  'signed out again': async (server) => {
    const headers = await server.signIn();
    await server.app.inject({ method: 'DELETE', url: '/api/session', headers });
    return headers;
  },
  'was away for twelve hours': async (server) => {
    const headers = await server.signIn();
    server.clock.ms += 12 * hour;
    return headers;
  },
  'signed in thirty days ago': async (server) => {
    const headers = await server.signIn();
    for (let hours = 0; hours < 30 * 24; hours += 11) {
      server.clock.ms += 11 * hour;
      await server.app.inject({ url: '/api/session', headers });
    }
    return headers;
  },
  'has a session of an account whose password was changed': async (server) => {
    const headers = await server.signIn();
    server.store.admins.take(
      { name: 'admin', hash: '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHQ$c2FsdHNhbHRzYWx0c2FsdA' },
      9,
    );
    return headers;
  },
};

export async function asked(port: number, key: string, headers: Record<string, string>): Promise<number> {
  const [method = '', pattern = ''] = key.split(' ');
  const { path = pattern, body } = routes[key] ?? {};
  if (pattern === '/api/events' && headers['cookie'] !== undefined) {
    using stream = await openEvents(port, { cookie: headers['cookie'] });
    return stream.response.status;
  }
  const json = body && { 'content-type': 'application/json' };
  const init = { method, headers: { ...headers, ...json }, ...(body && { body: JSON.stringify(body) }) };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, init);
  await answer.body?.cancel();
  return answer.status;
}

export function stocked(server: Server): void {
  server.store.invites.add({ hash: invite, label: '', created: 1, expires: 4_000_000_000 });
  server.fleet.addRelay({ name: 'attic', line: 'sealcast-hop1:y', by: 'admin' });
}

export function changes({ fleet, store }: Server): unknown {
  return [
    fleet.orders,
    fleet.removals,
    fleet.names,
    fleet.letIn,
    fleet.relays(),
    store.invites.list(),
    fleet.listeners,
  ];
}
