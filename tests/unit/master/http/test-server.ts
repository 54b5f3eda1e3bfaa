import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AddressInfo } from 'node:net';
import { buildServer, type ServerOptions } from '../../../../services/master/src/http/server.ts';
import { createLog } from '../../../../services/runtime/src/log.ts';
import { openStore } from '../../../../services/master/src/store/store.ts';
import { FakeFleet } from './fake-fleet.ts';

export const password = 'correct horse';
/** argon2id of `password`, with little memory so that tests are quick. */
const hash = '$argon2id$v=19$m=64,t=1,p=1$c2FsdHNhbHRzYWx0c2FsdA$rAjuexKlLdAHLvqk7TeeiWZjW4OPoRGwldJXdHbTuKI';

/** A server with an account, a fleet in memory and a page; nothing listens until listen() is called. */
export async function testServer(over: Partial<ServerOptions> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-http-'));
  const dashboardDir = join(folder, 'dashboard');
  mkdirSync(join(dashboardDir, 'assets'), { recursive: true });
  writeFileSync(join(dashboardDir, 'index.html'), '<!doctype html><title>Sealcast</title>');
  writeFileSync(join(dashboardDir, 'theme.js'), '');
  writeFileSync(join(dashboardDir, '.secret'), 'not for the page');
  writeFileSync(join(dashboardDir, 'assets', 'index-abc123.js'), '');
  const store = openStore(join(folder, 'data', 'sealcast.db'));
  store.admins.take({ name: 'admin', hash }, 1);
  const fleet = new FakeFleet();
  const clock = { ms: 1_700_000_000_000 };
  const lines: string[] = [];
  const app = buildServer({
    store,
    fleet,
    log: createLog('master', 'debug', { write: (line: string) => void lines.push(line) }),
    now: () => clock.ms,
    basePath: '',
    tls: undefined,
    proxies: undefined,
    dashboardDir,
    publicHost: 'master.lan',
    hopLine: 'sealcast-hop1:master',
    makeInvite: ({ label, hours, ...reached }) => {
      const id = 'e'.repeat(64);
      const created = Math.floor(clock.ms / 1000);
      const expires = created + hours * 3600;
      store.invites.add({ hash: id, label, created, expires });
      const host = 'host' in reached ? reached.host : `through ${reached.relay.host}`;
      return { id, invite: `sealcast1:${host}`, expires };
    },
    ...over,
  });
  const base = over.basePath ?? '';

  const post = (url: string, payload: object | string, headers: Record<string, string> = {}) =>
    app.inject({ method: 'POST', url: base + url, payload, headers });

  return {
    app,
    store,
    fleet,
    clock,
    lines,
    folder,
    post,
    /** Gives the Cookie header of a new session. */
    async signIn(): Promise<{ cookie: string }> {
      const answer = await post('/api/session', { name: 'admin', password });
      const [cookie] = answer.cookies;
      if (cookie === undefined) throw new Error(`signing in ended with ${answer.statusCode}: ${answer.body}`);
      return { cookie: `${cookie.name}=${cookie.value}` };
    },
    /** Gives the port on 127.0.0.1. */
    async listen(): Promise<number> {
      await app.listen({ host: '127.0.0.1', port: 0 });
      return (app.server.address() as AddressInfo).port;
    },
    async [Symbol.asyncDispose](): Promise<void> {
      await app.close();
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}
