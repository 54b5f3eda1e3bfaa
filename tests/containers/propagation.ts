import { readFileSync } from 'node:fs';

const isShared = /^\d+ \d+ [\d:]+ \/ \/ [^-]*(shared|master):/m.test(readFileSync('/proc/self/mountinfo', 'utf8'));

/** The setting. Where the engine's machine keeps its mounts to itself, as one without systemd may, nothing spreads from there. */
export const host_propagation = isShared ? 'rslave' : 'rprivate';
