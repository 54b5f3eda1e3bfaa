// Invites: those that init made are taken over at the start, a person makes more on the page.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { systemEntropy } from '@sealcast/channel/entropy';
import { formatHop, type Hop } from '@sealcast/channel/hop-line';
import { formatInvite, type Invite } from '@sealcast/channel/invite';
import { Type } from 'typebox';
import { Check } from 'typebox/value';
import type { Store } from './store/store.ts';

export type InviteOrder = { label: string; hours: number } & (
  | {
      /** Where nodes reach this master. */
      host: string;
    }
  | {
      /** Through which nodes reach it. */
      relay: Hop;
    }
);

const schema = Type.Array(
  Type.Object({
    hash: Type.String({ pattern: '^[0-9a-f]{64}$' }),
    label: Type.String(),
    expires: Type.Integer({ minimum: 0 }),
  }),
);

/** What every invite of this master pins. */
export type Pinned = Omit<Invite, 'host' | 'code' | 'expires'>;

/** The line is shown once: the store keeps the hash of its code alone. The node is called by the label. `expires` in seconds since 1970. */
export function makeInvite(store: Store, pinned: Pinned, order: InviteOrder, nowMs: number) {
  const code = systemEntropy.bytes(16);
  const created = Math.floor(nowMs / 1000);
  const expires = created + order.hours * 3600;
  const hash = createHash('sha256').update(code).digest('hex');
  store.invites.add({ hash, label: order.label, created, expires }, { names: true });
  return { id: hash, invite: formatInvite({ ...pinned, ...reached(order), code, expires }), expires };
}

/** A relay has ports and a CURVE pair of its own; the keys of the seal are the master's. */
function reached(order: InviteOrder): Partial<Pinned> & Pick<Invite, 'host'> {
  if ('host' in order) return { host: order.host };
  const { host, data, join, curve } = order.relay;
  return { host, data, join, curve, mechanism: 'curve' };
}

/** How relays reach this master (PROTOCOL.md, Relays); undefined where it does not know its host, or speaks no CURVE. */
export function hopLineOf({ data, join, curve, mechanism }: Pinned, host: string | undefined): string | undefined {
  return host === undefined || mechanism !== 'curve' ? undefined : formatHop({ host, data, join, curve });
}

/** Takes the list that init wrote into the store. An invite that is there already stays as it is. */
export function takeInvites(store: Store, file: string, nowMs: number): void {
  if (!existsSync(file)) return;
  const list: unknown = JSON.parse(readFileSync(file, 'utf8'));
  if (!Check(schema, list)) throw new Error(`${file} is not a list of invites as init writes it`);
  const created = Math.floor(nowMs / 1000);
  for (const { hash, label, expires } of list) store.invites.add({ hash, label, created, expires });
}
