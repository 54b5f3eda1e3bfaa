import type { Facts, NodeView } from '../api/types.ts';

/** Who made a machine, and which it is; many models name their maker already. */
export function machineOf({ vendor, model }: Facts): string {
  return [model.startsWith(vendor) ? '' : vendor, model].filter(Boolean).join(' ');
}

/** The system and the machine of a node in one line. */
export function machineLine({ facts }: NodeView): string {
  if (!facts) return 'Has not described itself yet';
  return [facts.os, machineOf(facts) || facts.arch].filter(Boolean).join(' · ');
}
