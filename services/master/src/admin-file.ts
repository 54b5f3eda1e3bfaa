// The first admin, as init made it.
import { existsSync, readFileSync } from 'node:fs';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Store } from './store/store.ts';

const schema = Type.Object({ name: Type.String({ minLength: 1 }), hash: Type.String({ pattern: '^\\$argon2id\\$' }) });

/** Takes the admin that init wrote into the store, where the file says something that it did not say before. */
export function takeAdmin(store: Store, file: string, nowMs: number): void {
  if (!existsSync(file)) return;
  const admin: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Check(schema, admin)) throw new Error(`${file} is not an admin as init writes it`);
  store.admins.take({ name: admin.name, hash: admin.hash }, nowMs);
}
