import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStore, type Store } from '../../../../services/master/src/store/store.ts';

/** A store in a folder that goes away with it. */
export function scratchStore() {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-store-'));
  const file = join(folder, 'data', 'sealcast.db');
  let store = openStore(file);
  return {
    folder: join(folder, 'data'),
    file,
    get store(): Store {
      return store;
    },
    reopen(): Store {
      store.close();
      store = openStore(file);
      return store;
    },
    [Symbol.dispose](): void {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export const hex = (digit: string, length: number): string => digit.repeat(length);

/** Adds a node whose id is 32 times `digit`. Gives the id. */
export function enrolled(store: Store, digit: string, at = 1_000_000): string {
  const id = hex(digit, 32);
  const hash = hex(digit, 64);
  store.invites.add({ hash, label: `node ${digit}`, created: at, expires: 2_000_000_000 });
  store.roster.enrol({ id, identity: hex(digit, 64), hopKey: hex(digit, 64), inviteHash: hash, at });
  return id;
}
