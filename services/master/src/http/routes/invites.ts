import type { Hop } from '@sealcast/channel/hop-line';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { isHost, publicHostMax } from '@sealcast/runtime/host';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { NodeId } from '../../fleet/views.ts';
import type { InviteEntry, Store } from '../../store/store.ts';
import { HttpError, refusals } from '../errors.ts';
import { closed, Done, Label, NoQuery, RelayId } from './schemas.ts';

type InviteOrder = { label: string; hours: number } & (
  | {
      /** Where nodes reach this master. */
      host: string;
    }
  | {
      /** Through which nodes reach it. */
      relay: Hop;
    }
);

interface MadeInvite {
  /** SHA-256 of the code, as in the store. */
  id: string;
  /** The line that a node joins with. It is told once. */
  invite: string;
  /** Seconds since 1970. */
  expires: number;
}

export interface InvitesOptions {
  invites: Store['invites'];
  /** Makes an invite and adds it to the store. */
  makeInvite: (order: InviteOrder) => MadeInvite;
  /** What an invite names as host where the order does not; undefined where that is not known. */
  publicHost: string | undefined;
  /** SHA-256 of the program that installs a node, which invites pin; undefined where there is none. */
  installProgram: string | undefined;
  fleet: Pick<Fleet, 'relayHop'>;
  now: () => number;
}

const hoursMax = 8760;
const Id = Type.String({ pattern: '^[0-9a-f]{64}$' });
const Seconds = Type.Integer({ minimum: 0 });

const schemas = {
  list: {
    tags: ['invites'],
    summary: 'Every invite, and what became of it',
    querystring: NoQuery,
    response: {
      200: Type.Object(
        {
          invites: Type.Array(
            Type.Object(
              {
                id: Id,
                label: Type.String(),
                created: Seconds,
                expires: Seconds,
                state: Type.Union([
                  Type.Literal('open'),
                  Type.Literal('spent'),
                  Type.Literal('expired'),
                  Type.Literal('withdrawn'),
                ]),
                spentBy: Type.Union([NodeId, Type.Null()]),
              },
              closed,
            ),
          ),
          /** What invites name as host where nobody says another; null where that is not set. */
          publicHost: Type.Union([Type.String(), Type.Null()]),
        },
        closed,
      ),
      ...refusals,
    },
  },
  make: {
    tags: ['invites'],
    summary: 'Makes an invite for one node',
    description:
      'Its line is told once. Good for a day where nobody says how long; it names the host or the relay where the node reaches this master.',
    querystring: NoQuery,
    body: Type.Object(
      {
        label: Label,
        host: Type.Optional(Type.String({ minLength: 1, maxLength: 253 })),
        /** In the place of `host`. */
        relay: Type.Optional(RelayId),
        hours: Type.Optional(Type.Integer({ minimum: 1, maximum: hoursMax })),
      },
      closed,
    ),
    response: {
      201: Type.Object(
        {
          id: Id,
          invite: Type.String(),
          expires: Seconds,
          /** What the invite pins: below install/ lies the program that installs a node under this name. Null where there is none. */
          install: Type.Union([Type.String({ pattern: '^[0-9a-f]{64}$' }), Type.Null()]),
        },
        closed,
      ),
      ...refusals,
    },
  },
  withdraw: {
    tags: ['invites'],
    summary: 'Withdraws an invite that nobody has used',
    params: Type.Object({ id: Id }, closed),
    querystring: NoQuery,
    response: { 204: Done, ...refusals },
  },
};

export const inviteRoutes: FastifyPluginAsyncTypebox<InvitesOptions> = async (app, options) => {
  const { invites, makeInvite, publicHost, installProgram, fleet, now } = options;

  function reached({ host, relay }: { host?: string; relay?: string }): { host: string } | { relay: Hop } {
    if (relay === undefined) {
      const known = host ?? publicHost;
      if (known === undefined || !isHost(known)) throw new HttpError('invite.host');
      if (known.length > publicHostMax) throw new HttpError('invite.host-long');
      return { host: known };
    }
    if (host !== undefined) throw new HttpError('request.invalid');
    const hop = fleet.relayHop(relay);
    if (hop === undefined) throw new HttpError('relay.unknown');
    return { relay: hop };
  }

  app.get('/invites', { schema: schemas.list }, () => ({
    invites: invites.list().map((entry) => shown(entry, now())),
    publicHost: publicHost ?? null,
  }));

  app.post('/invites', { schema: schemas.make }, async (request, reply) => {
    const { label, hours = 24, ...place } = request.body;
    const made = makeInvite({ label, hours, ...reached(place) });
    return reply.status(201).send({ ...made, install: installProgram ?? null });
  });

  app.delete('/invites/:id', { schema: schemas.withdraw }, async (request, reply) => {
    const entry = invites.find(request.params.id);
    if (entry === undefined) throw new HttpError('invite.unknown');
    if (entry.spentAt !== null) throw new HttpError('invite.spent');
    invites.withdraw(entry.hash, now());
    return reply.status(204).send(null);
  });
};

function shown(entry: InviteEntry, nowMs: number) {
  const { hash, label, created, expires, spentBy } = entry;
  return { id: hash, label, created, expires, state: stateOf(entry, nowMs), spentBy };
}

function stateOf({ withdrawnAt, spentAt, expires }: InviteEntry, nowMs: number) {
  if (spentAt !== null) return 'spent' as const;
  if (withdrawnAt !== null) return 'withdrawn' as const;
  return expires * 1000 <= nowMs ? ('expired' as const) : ('open' as const);
}
