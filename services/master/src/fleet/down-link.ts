// What the master says to a node, in the node's current session.
import { sessionMaxMessages } from '@sealcast/channel/constants';
import type { Command } from '@sealcast/channel/payloads';
import type { DownMessage } from '@sealcast/channel/session';
import type { Store } from '../store/store.ts';
import type { Outlet } from '../transport/transport.ts';
import type { Epochs } from './epochs.ts';
import type { LiveSession, LiveSessions } from './live-sessions.ts';

export class DownLink {
  readonly #sessions: LiveSessions;
  readonly #epochs: Epochs;
  readonly #store: Store;
  readonly #outlet: Outlet;

  constructor(sessions: LiveSessions, epochs: Epochs, store: Store, outlet: Outlet) {
    this.#sessions = sessions;
    this.#epochs = epochs;
    this.#store = store;
    this.#outlet = outlet;
  }

  // A session that is worn out ends here, and its node joins again: what it should have had is repeated then.
  send({ node, session }: LiveSession, message: DownMessage): void {
    if (session.sent >= sessionMaxMessages) this.#sessions.close(node);
    else this.#outlet.data(session.topic, session.seal(message));
  }

  /** Says up to which sample the master has all of `node` on disk. */
  acknowledge(node: string, nowMs: number): void {
    const live = this.#sessions.current(node);
    if (live === undefined) return;
    const through = this.#store.samples.through(node);
    const { epoch } = this.#epochs.current;
    const { toldAt: facts } = live;
    const body = { through, head: this.#epochs.head, epoch, time: nowMs, ...(facts !== undefined && { facts }) };
    this.send(live, { kind: 'ack', body });
  }

  command(node: string, command: Command): void {
    const live = this.#sessions.current(node);
    if (live !== undefined) this.send(live, { kind: 'command', body: command });
  }

  epoch(live: LiveSession): void {
    const { epoch, key } = this.#epochs.current;
    this.send(live, { kind: 'epoch', body: { epoch, key, head: this.#epochs.head } });
  }

  /** Tells every node of a new epoch. */
  newEpoch(nowMs: number): number {
    const { epoch } = this.#epochs.begin(nowMs);
    for (const live of this.#sessions.all()) this.epoch(live);
    return epoch;
  }
}
