// Beside the master, as its own user: whoever may write the master's store is let in by it, without a password. The session is written
// there as the master itself would, is known to this process alone, and ends with the command.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sessionCookie } from '@sealcast/master/http/session-cookie';
import { WebSignIns } from '@sealcast/master/http/web-sign-ins';
import { masterSettings, type Settings } from '@sealcast/master/settings';
import { openStore } from '@sealcast/master/store/store';
import { MasterClient } from '../api/master-client.ts';
import { type Master, Unreachable } from '../api/request.ts';
import { NotSignedIn } from '../command/failures.ts';
import { Connection } from './connection.ts';

/** Whether a master's store is where the settings say. */
export function isBesideMaster(env: NodeJS.ProcessEnv): boolean {
  return existsSync(storeOf(masterSettings(env)));
}

/** Throws Unreachable where no master runs here, NotSignedIn where its store can't be written. */
export async function localConnection(env: NodeJS.ProcessEnv): Promise<Connection> {
  const settings = masterSettings(env);
  const { base, trust } = placeOf(settings);
  const client = new MasterClient(base, trust);
  const { status } = await client.ask('api/health');
  if (status !== 200) throw new Unreachable(`what answers at ${base.href} is not this master`);
  const session = begin(storeOf(settings));
  client.cookie = `${cookieName(settings)}=${session.token}`;
  return new Connection(client, null, session.end);
}

/** It ends by the store too, however the program ends: who answered in the master's place is left with nothing. */
function begin(file: string): { token: string; end: () => void } {
  const store = openStore(file);
  const name = store.admins.first();
  if (name === undefined) {
    store.close();
    throw new NotSignedIn('the master has no account yet; run init');
  }
  const signIns = new WebSignIns(store, Date.now, () => undefined);
  const token = signIns.begin(name);
  const end = () => {
    process.off('exit', end);
    signIns.end(createHash('sha256').update(token).digest('hex'));
    store.close();
  };
  process.on('exit', end);
  return { token, end };
}

function storeOf({ data_dir: folder }: Settings): string {
  return join(folder, 'sealcast.db');
}

function placeOf(settings: Settings): Master {
  const { server_host: host, server_port: port, server_virtual_host: path } = settings;
  const { server_tls_crt_fp: certificate } = settings;
  const address = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  const authority = address.includes(':') ? `[${address}]` : address;
  const scheme = certificate === undefined ? 'http' : 'https';
  return {
    base: new URL(`${scheme}://${authority}:${port}${path}/`),
    trust:
      certificate === undefined ? { type: 'system' } : { type: 'certificate', pem: readFileSync(certificate, 'utf8') },
  };
}

function cookieName(settings: Settings): string {
  const { server_tls_crt_fp: tls, server_socket: socket, server_behind_proxy: proxies } = settings;
  const isSecure = tls !== undefined || socket !== undefined || proxies !== false;
  return sessionCookie(settings.server_virtual_host, isSecure).name;
}
