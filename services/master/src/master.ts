// A master: its keys and store, the fleet, the wire and the HTTP API, started in the order in which they need one another.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Entropy } from '@sealcast/channel/entropy';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Logger } from '@sealcast/runtime/log';
import { takeAdmin } from './admin-file.ts';
import { Fleet } from './fleet/fleet.ts';
import { buildServer } from './http/server.ts';
import { type InviteOrder, makeInvite, takeInvites } from './invites.ts';
import { readKeys } from './keys.ts';
import type { Settings } from './settings.ts';
import { openStore, type Store } from './store/store.ts';
import { Transport } from './transport/transport.ts';

const tickMs = 1000;
const saveMs = 10_000;
const pruneMs = 600_000;

export interface RunningMaster {
  stop(): Promise<void>;
}

/** Throws StartError where the operator has to mend something first. */
export async function startMaster(settings: Settings, entropy: Entropy, log: Logger): Promise<RunningMaster> {
  const keys = readKeys(settings.keys_dir, settings.mq_transport_pem_key);
  const store = openStore(join(settings.data_dir, 'sealcast.db'));
  takeAdmin(store, join(settings.keys_dir, 'admin.json'), Date.now());
  takeInvites(store, join(settings.keys_dir, 'invites.json'), Date.now());
}
