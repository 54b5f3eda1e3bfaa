// Commands on their way: broadcast once to everyone, or to some in their sessions, and repeated until there is a receipt.
import { commandRetryMs } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import type { Broadcaster } from '@sealcast/channel/epoch';
import { everyone } from '@sealcast/channel/ids';
import type { Command, Receipt } from '@sealcast/channel/payloads';
import type { CommandRecord, Store } from '../store/store.ts';
import type { Order } from './fleet-port.ts';
import { fromHex, toHex } from './hex.ts';

export interface CommandRoutes {
  /** To every member of the epoch. */
  broadcast: (topic: Uint8Array, frame: Uint8Array) => void;
  /** To one node in its session; false where it has none. */
  unicast: (node: string, command: Command) => boolean;
}

interface Waiting {
  expires: number;
  lastSentAt: number;
}

export class CommandDesk {
  readonly #store: Store;
  readonly #entropy: Entropy;
  readonly #broadcaster: Broadcaster;
  readonly #routes: CommandRoutes;
  /** Node → command id → what it waits for. */
  readonly #waiting = new Map<string, Map<string, Waiting>>();

  constructor(store: Store, entropy: Entropy, broadcaster: Broadcaster, routes: CommandRoutes) {
    this.#store = store;
    this.#entropy = entropy;
    this.#broadcaster = broadcaster;
    this.#routes = routes;
  }

  /** `targets` are nodes of the roster. Gives the command's id. */
  issue({ action, targets, expiresInSeconds, by }: Order, nowMs: number): string {
    const id = toHex(this.#entropy.bytes(16));
    const expires = nowMs + expiresInSeconds * 1000;
    const toAll = targets === 'everyone';
    const nodes = toAll ? this.#members() : targets;
    const record = this.#store.transaction(() => {
      const number = toAll ? this.#store.counters.next('broadcast') : null;
      const added = { id, issued: nowMs, expires, by, action, everyone: toAll, number };
      this.#store.commands.add({ ...added, targets: nodes });
      if (action.type === 'interval') for (const node of nodes) this.#store.roster.setInterval(node, action.seconds);
      return added;
    });
    for (const node of nodes) this.#await(node, id, { expires, lastSentAt: toAll ? nowMs : 0 });
    if (record.number !== null) {
      const { topic, frame } = this.#broadcaster.seal(record.number, toCommand(record, everyone));
      this.#routes.broadcast(topic, frame);
    } else {
      this.repeat(nowMs);
    }
    return id;
  }

  /** A node has a new session: what it has not answered is sent with the next repeat. */
  welcomed(node: string, nowMs: number): void {
    for (const { id, expires } of this.#store.commands.unanswered(node, nowMs))
      this.#await(node, id, { expires, lastSentAt: 0 });
  }

  /** Sends again what was not answered for `commandRetryMs`. Gives the ids that expired since the last call. */
  repeat(nowMs: number): Set<string> {
    const expired = new Set<string>();
    for (const [node, commands] of this.#waiting) {
      for (const [id, waiting] of commands) {
        if (waiting.expires <= nowMs) {
          commands.delete(id);
          expired.add(id);
        } else if (nowMs - waiting.lastSentAt >= commandRetryMs && this.#send(node, id)) {
          waiting.lastSentAt = nowMs;
        }
      }
    }
    return expired;
  }

  /** True where `receipt` is news: the first from `node` for a command that was sent to it. */
  receipt(node: string, { command, outcome, detail }: Receipt, nowMs: number): boolean {
    const id = toHex(command);
    this.#waiting.get(node)?.delete(id);
    return this.#store.commands.receipt(id, node, outcome, detail ?? null, nowMs);
  }

  /** Answers an ASK: broadcasts that `node` missed, where they have not expired. */
  answer(node: string, missing: number[], nowMs: number): void {
    for (const number of missing) {
      const record = this.#store.commands.byNumber(number);
      if (record !== undefined && record.expires > nowMs) this.#send(node, record.id);
    }
  }

  #send(node: string, id: string): boolean {
    const record = this.#store.commands.find(id);
    return record !== undefined && this.#routes.unicast(node, toCommand(record, fromHex(node)));
  }

  #await(node: string, id: string, waiting: Waiting): void {
    const commands = this.#waiting.get(node) ?? new Map<string, Waiting>();
    this.#waiting.set(node, commands.set(id, waiting));
  }

  #members(): string[] {
    return this.#store.roster
      .all()
      .filter((entry) => entry.removedAt === null)
      .map((entry) => entry.id);
  }
}

function toCommand(
  { id, issued, expires, action }: Pick<CommandRecord, 'id' | 'issued' | 'expires' | 'action'>,
  target: Uint8Array,
): Command {
  return { id: fromHex(id), target, issued, expires, action };
}
