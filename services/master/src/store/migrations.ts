// The shape of the database, forward only: a migration that was released is never changed, the next one is added below it.
import { readdirSync, renameSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';
import { checkSpace, copyDatabase, sizeOf } from './copy.ts';
import { integer } from './row.ts';

const migrations: readonly string[] = [
  `
  CREATE TABLE nodes (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE CHECK (length(id) = 32),
    identity TEXT NOT NULL UNIQUE CHECK (length(identity) = 64),
    curve_key TEXT NOT NULL CHECK (length(curve_key) = 64),
    joined_at INTEGER NOT NULL,
    facts TEXT,
    last_seen INTEGER,
    left_at INTEGER,
    interval_seconds INTEGER NOT NULL DEFAULT 5 CHECK (interval_seconds BETWEEN 1 AND 3600),
    through INTEGER NOT NULL DEFAULT 0,
    removed_at INTEGER
  ) STRICT;

  CREATE TABLE invites (
    hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
    label TEXT NOT NULL,
    created_seconds INTEGER NOT NULL,
    expires_seconds INTEGER NOT NULL,
    spent_at INTEGER,
    spent_by TEXT REFERENCES nodes (id),
    withdrawn_at INTEGER,
    CHECK ((spent_at IS NULL) = (spent_by IS NULL))
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE samples (
    node INTEGER NOT NULL REFERENCES nodes (key),
    number INTEGER NOT NULL,
    at INTEGER NOT NULL,
    cpu REAL,
    memory REAL,
    swap REAL,
    disk REAL,
    received REAL,
    sent REAL,
    read REAL,
    written REAL,
    temperature REAL,
    load REAL,
    body TEXT NOT NULL,
    PRIMARY KEY (node, number)
  ) STRICT;
  -- Holds all that a chart draws, so that it is read without touching the bodies.
  CREATE INDEX samples_at ON samples (
    node, at, cpu, memory, swap, disk, received, sent, read, written, temperature, load
  );

  CREATE TABLE commands (
    id TEXT PRIMARY KEY CHECK (length(id) = 32),
    issued INTEGER NOT NULL,
    expires INTEGER NOT NULL,
    by TEXT NOT NULL,
    action TEXT NOT NULL,
    everyone INTEGER NOT NULL CHECK (everyone IN (0, 1)),
    number INTEGER UNIQUE
  ) STRICT;
  CREATE INDEX commands_issued ON commands (issued);

  CREATE TABLE receipts (
    command TEXT NOT NULL REFERENCES commands (id),
    node TEXT NOT NULL REFERENCES nodes (id),
    outcome TEXT NOT NULL CHECK (outcome IN ('waiting', 'done', 'refused', 'failed', 'expired')),
    detail TEXT,
    at INTEGER,
    PRIMARY KEY (command, node)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX receipts_waiting ON receipts (node, command) WHERE outcome = 'waiting';

  CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE admins (
    name TEXT PRIMARY KEY,
    hash TEXT NOT NULL,
    created INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE web_sessions (
    hash TEXT PRIMARY KEY CHECK (length(hash) = 64),
    name TEXT NOT NULL REFERENCES admins (name),
    created INTEGER NOT NULL,
    used INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // The hash that init's file held when it was last taken over.
  'ALTER TABLE admins ADD COLUMN taken TEXT;',
  'ALTER TABLE nodes RENAME COLUMN curve_key TO hop_key;',
  `
  CREATE TABLE relays (
    id TEXT PRIMARY KEY CHECK (length(id) = 32),
    up TEXT NOT NULL UNIQUE CHECK (length(up) = 64),
    name TEXT NOT NULL,
    line TEXT NOT NULL,
    added_at INTEGER NOT NULL,
    removed_at INTEGER
  ) STRICT, WITHOUT ROWID;

  -- When the node took the identity that it has, where that is not its first.
  ALTER TABLE nodes ADD COLUMN rotated_at INTEGER;

  -- The end of what a program wrote.
  ALTER TABLE receipts ADD COLUMN output TEXT;
  `,
  `
  -- Every hop key that a node ever had.
  CREATE TABLE hop_keys (
    hop_key TEXT NOT NULL CHECK (length(hop_key) = 64),
    node TEXT NOT NULL REFERENCES nodes (id),
    PRIMARY KEY (hop_key, node)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX hop_keys_node ON hop_keys (node);
  INSERT INTO hop_keys SELECT hop_key, id FROM nodes WHERE hop_key <> '${'0'.repeat(64)}';
  `,
  // When the node came with it first.
  'ALTER TABLE hop_keys ADD COLUMN added_at INTEGER NOT NULL DEFAULT 0;',
  // When it was last connected.
  'ALTER TABLE relays ADD COLUMN seen_at INTEGER;',
  `
  -- What people call the node, where they have said.
  ALTER TABLE nodes ADD COLUMN label TEXT;

  -- Whether the node that joins with it is called by its label.
  ALTER TABLE invites ADD COLUMN names INTEGER NOT NULL DEFAULT 0 CHECK (names IN (0, 1));
  `,
];

/**
 * Brings the database in `file` to the newest shape. Before, it is copied to `<file>.v<version>.bak`, in the place of a copy from an
 * earlier migration. Throws where it has a newer shape than this program knows, or there is no room for both.
 */
export function migrate(database: DatabaseSync, file: string): void {
  const known = migrations.length;
  const found = version(database);
  if (found > known)
    throw new Error(
      `the database has version ${found}, and this program knows versions up to ${known}; ` +
        'start the program that wrote it, or a newer one, or restore a copy from before',
    );
  if (found > 0 && found < known) keepCopy(database, file, found);
  for (const [index, sql] of migrations.entries()) {
    if (index < found) continue;
    database.exec(`BEGIN IMMEDIATE;\n${sql}\nPRAGMA user_version = ${index + 1};\nCOMMIT;`);
  }
}

// The migration itself may write every page once more, beside the copy.
function keepCopy(database: DatabaseSync, file: string, found: number): void {
  const folder = dirname(file);
  const unfinished = `${file}.bak.new`;
  rmSync(unfinished, { force: true });
  checkSpace(folder, 2 * sizeOf(database));
  copyDatabase(database, unfinished);
  const kept = `${basename(file)}.v${found}.bak`;
  renameSync(unfinished, join(folder, kept));
  for (const name of readdirSync(folder))
    if (isCopyOf(basename(file), name) && name !== kept) rmSync(join(folder, name));
}

function isCopyOf(name: string, other: string): boolean {
  return other.startsWith(`${name}.v`) && /^\d+\.bak$/.test(other.slice(name.length + 2));
}

function version(database: DatabaseSync): number {
  return integer(database.prepare('PRAGMA user_version').get() ?? {}, 'user_version');
}
