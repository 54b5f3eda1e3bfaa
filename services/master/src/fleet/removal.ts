// Taking a node out for good. Its row stays, since an id must never come back; everything else of it goes: what is alive at once,
// its samples in the next minutes, some at a time, so that nobody waits for the disk.
import type { Parts } from './parts.ts';

// A second: a day of samples at the shortest interval is gone within a minute.
const samplesASweep = 2000;

type RemovalParts = Pick<
  Parts,
  'store' | 'enrolment' | 'admission' | 'sessions' | 'presence' | 'clones' | 'desk' | 'inbox' | 'facts'
>;

export class Removal {
  readonly #parts: RemovalParts;
  /** Ids of removed nodes that may have samples. */
  readonly #leftovers: Set<string>;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
    const removed = parts.store.roster.all().filter(({ removedAt }) => removedAt !== null);
    this.#leftovers = new Set(removed.map(({ id }) => id));
  }

  /** Ids of the commands that it will not answer any more; undefined where there is no such node. */
  remove(id: string, nowMs: number): string[] | undefined {
    const { store, enrolment, admission, sessions, presence, clones, desk, inbox, facts } = this.#parts;
    const entry = store.roster.find(id);
    if (entry === undefined || entry.removedAt !== null) return undefined;
    const commands = store.transaction(() => {
      store.roster.setRemoved(id, nowMs);
      return store.commands.giveUp(id, 'the node was removed', nowMs);
    });
    enrolment.learnHopKeys();
    // Those of its sessions end with these; where a back end decides, it may be connected by any that it ever had.
    for (const hopKey of store.hopKeys.of(id)) admission.end(hopKey);
    sessions.close(id);
    for (const part of [presence, clones, desk, inbox, facts]) part.forget(id);
    this.#leftovers.add(id);
    return commands;
  }

  /** Deletes samples of nodes that were removed. Call it every second. */
  sweep(): void {
    let room = samplesASweep;
    for (const id of this.#leftovers) {
      room -= this.#parts.store.samples.erase(id, room);
      if (room <= 0) return;
      this.#leftovers.delete(id);
    }
  }
}
