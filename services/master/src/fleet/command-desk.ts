// Commands on their way: broadcast once to everyone, or to some in their sessions, and repeated until there is a receipt.
import { commandRetryMs } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import type { Broadcaster } from '@sealcast/channel/epoch';
import { everyone } from '@sealcast/channel/ids';
import type { Command, Receipt } from '@sealcast/channel/payloads';
import type { CommandEntry, Store } from '../store/store.ts';
import type { Order } from './fleet-port.ts';
import { fromHex, toHex } from './hex.ts';

export interface CommandRoutes {
  /** To every member of the epoch. */
  broadcast: (topic: Uint8Array, frame: Uint8Array) => void;
  /** To one node in its session. */
  unicast: (node: string, command: Command) => void;
  /** Whether a node has a session. */
  isOpen: (node: string) => boolean;
}

interface Waiting {
  entry: CommandEntry;
  lastSentAt: number;
  /** When it was last asked for, and sent. */
  answeredAt?: number;
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
    for (const node of nodes) this.#await(node, { entry: record, lastSentAt: nowMs });
    if (record.number !== null) {
      const { topic, frame } = this.#broadcaster.seal(record.number, toCommand(record, everyone));
      this.#routes.broadcast(topic, frame);
    } else {
      for (const node of nodes) this.#send(node, record);
    }
    return id;
  }

  /** A node has a new session: what it has not answered is sent with the next repeat. */
  welcomed(node: string, nowMs: number): void {
    for (const entry of this.#store.commands.unanswered(node, nowMs)) this.#await(node, { entry, lastSentAt: 0 });
  }

  /** Sends again what was not answered for `commandRetryMs`. Gives the ids that expired since the last call. */
  repeat(nowMs: number): Set<string> {
    const expired = new Set<string>();
    for (const [node, commands] of this.#waiting) {
      const isOpen = this.#routes.isOpen(node);
      for (const [id, waiting] of commands) {
        if (waiting.entry.expires <= nowMs) {
          commands.delete(id);
          expired.add(id);
        } else if (isOpen && nowMs - waiting.lastSentAt >= commandRetryMs) {
          waiting.lastSentAt = nowMs;
          this.#send(node, waiting.entry);
        }
      }
    }
    return expired;
  }

  /** True where `receipt` is news: the first from `node` for a command that was sent to it. */
  receipt(node: string, { command, outcome, detail, output }: Receipt, nowMs: number): boolean {
    const id = toHex(command);
    this.#waiting.get(node)?.delete(id);
    return this.#store.commands.receipt(id, node, { outcome, detail: detail ?? null, output: output ?? null }, nowMs);
  }

  /** How many receipts are waited for. */
  get size(): number {
    return this.#waiting.values().reduce((sum, commands) => sum + commands.size, 0);
  }

  /** Nothing is sent to `node` any more. */
  forget(node: string): void {
    this.#waiting.delete(node);
  }

  /**
   * Answers an ASK: broadcasts that `node` missed and has not confirmed, where they have not expired; what was said before it joined is
   * none of it. Who asks again and again, which no honest node does, is answered as often as it is told without asking.
   */
  answer(node: string, missing: number[], nowMs: number): void {
    const commands = this.#waiting.get(node);
    if (commands === undefined) return;
    for (const number of missing) {
      const entry = this.#store.commands.byNumber(number, node);
      const waiting = entry && commands.get(entry.id);
      if (waiting === undefined || waiting.entry.expires <= nowMs) continue;
      if (nowMs - (waiting.answeredAt ?? Number.NEGATIVE_INFINITY) < commandRetryMs) continue;
      waiting.answeredAt = nowMs;
      this.#send(node, waiting.entry);
    }
  }

  #send(node: string, entry: CommandEntry): void {
    if (this.#routes.isOpen(node)) this.#routes.unicast(node, toCommand(entry, fromHex(node)));
  }

  #await(node: string, waiting: Waiting): void {
    const commands = this.#waiting.get(node) ?? new Map<string, Waiting>();
    this.#waiting.set(node, commands.set(waiting.entry.id, waiting));
  }

  #members(): string[] {
    return this.#store.roster
      .all()
      .filter((entry) => entry.removedAt === null)
      .map((entry) => entry.id);
  }
}

function toCommand({ id, issued, expires, action }: CommandEntry, target: Uint8Array): Command {
  return { id: fromHex(id), target, issued, expires, action };
}
