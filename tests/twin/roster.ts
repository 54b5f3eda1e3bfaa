// PROTOCOL.md, HELLO, step 6: who an applicant is.
import { same, toHex, zero } from './bytes.ts';
import { sha256 } from './primitives.ts';

interface RosterNode {
  nodeId: Uint8Array;
  identity: Uint8Array;
  removed: boolean;
  /** the instance that stays while every other one is held out */
  stays?: Uint8Array | undefined;
}

interface RosterInvite {
  inviteHash: Uint8Array;
  state: 'open' | 'spent' | 'expired';
}

export interface Roster {
  nodes: RosterNode[];
  invites: RosterInvite[];
}

export interface TwinApplicant {
  nodeId: Uint8Array;
  identity: Uint8Array;
  instance: Uint8Array;
  /** undefined where the code is all zero */
  inviteHash: Uint8Array | undefined;
}

export function inviteHash(code: Uint8Array): Uint8Array | undefined {
  return same(code, zero(16)) ? undefined : sha256(code);
}

/** @returns the error code, or undefined where the applicant may join */
export function judge(roster: Roster, applicant: TwinApplicant): string | undefined {
  const known = roster.nodes.find(({ nodeId }) => same(nodeId, applicant.nodeId));
  if (known?.removed) return 'join.removed';
  if (known && !same(known.identity, applicant.identity)) return 'join.identity';
  if (known) return known.stays && !same(known.stays, applicant.instance) ? 'join.cloned' : undefined;
  const hash = applicant.inviteHash && toHex(applicant.inviteHash);
  const invite = roster.invites.find((candidate) => toHex(candidate.inviteHash) === hash);
  if (invite === undefined) return 'join.invite';
  if (invite.state === 'spent') return 'join.invite-spent';
  if (invite.state === 'expired') return 'join.invite-expired';
  return roster.nodes.some(({ identity }) => same(identity, applicant.identity)) ? 'join.identity' : undefined;
}

/** What CONFIRM does to the roster. */
export function enrol(roster: Roster, { nodeId, identity, inviteHash: hash }: TwinApplicant): void {
  if (roster.nodes.some((node) => same(node.nodeId, nodeId))) return;
  roster.nodes.push({ nodeId, identity, removed: false });
  const invite = roster.invites.find((candidate) => hash && same(candidate.inviteHash, hash));
  if (invite) invite.state = 'spent';
}
