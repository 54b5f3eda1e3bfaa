// Everything that the master keeps over a restart, in one SQLite database.
import { chmodSync, closeSync, mkdirSync, openSync, readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Admins } from './admins.ts';
import { Commands } from './commands.ts';
import { Counters } from './counters.ts';
import { HopKeys } from './hop-keys.ts';
import { Invites } from './invites.ts';
import { migrate } from './migrations.ts';
import { RelayList } from './relays.ts';
import { Roster } from './roster.ts';
import { Samples, samplesIn } from './samples.ts';
import { type Transaction, transactions } from './transactions.ts';
import { WebSessions } from './web-sessions.ts';

export type { CommandEntry, CommandRecord } from './commands.ts';
export type { InviteEntry } from './invites.ts';
export type { RelayEntry } from './relays.ts';
export type { RosterEntry } from './roster.ts';
export type { WebSession } from './web-sessions.ts';

const busyTimeoutMs = 5000;
const yearHours = 8760;

export interface StoreLimits {
  /** Of each node at most so many are kept, so that none can fill the disk. */
  samplesPerNode: number;
}

export interface Store {
  readonly roster: Roster;
  readonly hopKeys: HopKeys;
  readonly relays: RelayList;
  readonly invites: Invites;
  readonly samples: Samples;
  readonly commands: Commands;
  readonly counters: Counters;
  readonly admins: Admins;
  readonly webSessions: WebSessions;
  readonly transaction: Transaction;
  /** Tries it, with one write. Does not wait for who else holds the database. */
  canWrite(): boolean;
  /** What the database and its journal take on disk. */
  bytes(): number;
  /** What was closed stays closed, also when closed again. */
  close(): void;
}

/** Opens, or makes, the database in `file`. What is written is on disk when a call comes back. */
export function openStore(file: string, limits: StoreLimits = { samplesPerNode: samplesIn(yearHours) }): Store {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // A fresh volume is for this database alone; a folder that others use stays as it is.
  if (readdirSync(folder).length === 0) chmodSync(folder, 0o700);
  closeSync(openSync(file, 'a', 0o600));
  // SQLite gives its journal the mode of the database.
  chmodSync(file, 0o600);
  const database = new DatabaseSync(file, {
    enableForeignKeyConstraints: true,
    enableDoubleQuotedStringLiterals: false,
    defensive: true,
    timeout: busyTimeoutMs,
  });
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA trusted_schema = OFF;');
    migrate(database, file);
    return storeOf(file, database, limits);
  } catch (error) {
    database.close();
    throw new Error(`the database ${file} can't be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function storeOf(file: string, database: DatabaseSync, { samplesPerNode }: StoreLimits): Store {
  const transaction = transactions(database);
  const hopKeys = new HopKeys(database);
  const counters = new Counters(database);
  return {
    roster: new Roster(database, transaction, hopKeys),
    hopKeys,
    relays: new RelayList(database),
    invites: new Invites(database),
    samples: new Samples(database, transaction, samplesPerNode),
    commands: new Commands(database, transaction),
    counters,
    admins: new Admins(database),
    webSessions: new WebSessions(database),
    transaction,
    canWrite: () => canWrite(database, counters),
    bytes: () => bytesOf(file) + bytesOf(`${file}-wal`),
    close: () => {
      if (database.isOpen) database.close();
    },
  };
}

function canWrite(database: DatabaseSync, counters: Counters): boolean {
  if (!database.isOpen) return false;
  database.exec('PRAGMA busy_timeout = 0');
  try {
    counters.next('probe');
    return true;
  } catch {
    return false;
  } finally {
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
  }
}

function bytesOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
