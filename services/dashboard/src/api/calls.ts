import { ask, tell } from './request.ts';
import type {
  CommandOrder,
  CommandView,
  History,
  Invite,
  InviteOrder,
  NewInvite,
  NodeView,
  Refusals,
  Relay,
  Relays,
  TransportState,
} from './types.ts';

export const whoAmI = () => ask<{ name: string }>('GET', 'api/session');
export const signIn = (name: string, password: string) => tell('POST', 'api/session', { name, password });
export const signOut = () => tell('DELETE', 'api/session');

export const readNodes = () => ask<{ time: number; nodes: NodeView[] }>('GET', 'api/nodes');
export const readHistory = (id: string, minutes: number) =>
  ask<History>('GET', `api/nodes/${id}/history?minutes=${minutes}`);
export const renameNode = (id: string, name: string | null) => tell('PUT', `api/nodes/${id}/name`, { name });
export const removeNode = (id: string) => tell('DELETE', `api/nodes/${id}`);
export const letCloneIn = (id: string) => tell('DELETE', `api/nodes/${id}/clone`);

export const readCommands = () => ask<{ commands: CommandView[] }>('GET', 'api/commands');
export const sendCommand = (order: CommandOrder) => ask<CommandView>('POST', 'api/commands', order);

export const readInvites = () => ask<{ invites: Invite[]; publicHost: string | null }>('GET', 'api/invites');
export const makeInvite = (order: InviteOrder) => ask<NewInvite>('POST', 'api/invites', order);
export const withdrawInvite = (id: string) => tell('DELETE', `api/invites/${id}`);

export const readRelays = () => ask<Relays>('GET', 'api/relays');
export const addRelay = (name: string, line: string) => ask<Relay>('POST', 'api/relays', { name, line });
export const removeRelay = (id: string) => tell('DELETE', `api/relays/${id}`);

export const readRefusals = () => ask<Refusals>('GET', 'api/refusals');
export const readStatus = () => ask<{ transport: TransportState }>('GET', 'api/status');
