// What this program reads of the master's answers. The views of the fleet are the master's own.
import { CommandView, NodeView, RelayView, TransportView } from '@sealcast/master/fleet/views';
import { Type, type Static } from 'typebox';

const Seconds = Type.Integer({ minimum: 0 });

export const NodeList = Type.Object({ time: Type.Integer(), nodes: Type.Array(NodeView) });
export const CommandList = Type.Object({ commands: Type.Array(CommandView) });
export const RelayList = Type.Object({ line: Type.String(), relays: Type.Array(RelayView) });
export const Status = Type.Object({ transport: TransportView });
export const Who = Type.Object({ name: Type.String() });

const Counts = Type.Record(Type.String(), Type.Integer());
export const Refusals = Type.Object({ counts: Counts, cuts: Counts });

export const InviteView = Type.Object({
  id: Type.String(),
  label: Type.String(),
  /** Seconds since 1970, as is `expires`. */
  created: Seconds,
  expires: Seconds,
  state: Type.Union([Type.Literal('open'), Type.Literal('spent'), Type.Literal('expired'), Type.Literal('withdrawn')]),
  spentBy: Type.Union([Type.String(), Type.Null()]),
});
export type InviteView = Static<typeof InviteView>;

export const InviteList = Type.Object({
  invites: Type.Array(InviteView),
  publicHost: Type.Union([Type.String(), Type.Null()]),
});

/** The line is told once. */
export const MadeInvite = Type.Object({
  id: Type.String(),
  invite: Type.String(),
  expires: Seconds,
  install: Type.Union([Type.String(), Type.Null()]),
});
export type MadeInvite = Static<typeof MadeInvite>;
