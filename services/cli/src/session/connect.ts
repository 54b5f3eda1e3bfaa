// Which master a command is about, and how it is signed in there.
import { MasterClient } from '../api/master-client.ts';
import type { Call } from '../command/command.ts';
import { NotSignedIn, signInFirst } from '../command/failures.ts';
import { Connection } from './connection.ts';
import { readSession, type Session, sessionFile } from './kept.ts';
import { isBesideMaster, localConnection } from './local.ts';

/** A session that is kept goes before the master of this machine, unless --local says otherwise. */
export async function connect(call: Call): Promise<Connection> {
  if (!call.flag('local')) {
    const session = readSession(sessionFile(call.env, call.text('session')));
    if (session !== undefined) return new Connection(clientOf(session), new URL(session.url));
    if (call.text('session') !== undefined) throw new NotSignedIn(`nobody is signed in by that file; ${signInFirst}`);
  }
  if (isBesideMaster(call.env)) return await localConnection(call.env);
  throw new NotSignedIn(`nobody is signed in, and no master is on this machine; ${signInFirst}`);
}

export function clientOf({ url, authority, cookie }: Session): MasterClient {
  return new MasterClient(url, authority ?? { type: 'system' }, cookie);
}
