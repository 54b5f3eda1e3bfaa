// Two nodes in one state folder would give the same numbers to different samples, and take each other's session. A lock that the kernel
// holds for this process ends with it however it ends, and is seen by another container that has the same folder mounted; a
// file that names a process is neither. Of what is in Node, only SQLite asks for one.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from '@sealcast/runtime/run';

// SQLITE_BUSY of SQLite's result codes.
const busy = 5;

// What nobody refers to is closed by the garbage collector, and the lock with it.
const held = new Set<DatabaseSync>();

/** Throws StartError while another node has `stateFolder`. */
export function lockFolder(stateFolder: string): { release: () => void } {
  const path = join(stateFolder, 'lock');
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    chmodSync(path, 0o600);
    // Nothing is ever written to it.
    database.exec('PRAGMA journal_mode = MEMORY');
    database.exec('BEGIN EXCLUSIVE');
    held.add(database);
    return { release: releasing(database) };
  } catch (cause) {
    database?.close();
    const inUse = cause instanceof Error && 'errcode' in cause && cause.errcode === busy;
    const why = inUse ? 'another node is running in' : 'no lock can be had in';
    const instead = inUse ? 'stop that one, or name a folder of its own' : 'name a folder on a disk of this machine';
    throw new StartError(`state_dir: ${why} ${stateFolder}${inUse ? '' : ` (${String(cause)})`}; ${instead}`, {
      cause,
    });
  }
}

function releasing(database: DatabaseSync): () => void {
  return () => {
    if (held.delete(database)) database.close();
  };
}
