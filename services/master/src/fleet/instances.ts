// One node, one machine (PROTOCOL.md, Instances). A message under the session that another instance took over from is no proof yet:
// it may have waited on a slow line, or with a relay, for longer than its sender lived. So the master asks back under that session,
// with a command that has expired and whose id nobody knows; only a program that runs now can answer it.
import { cloneAfterMs } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import type { Receipt } from '@sealcast/channel/payloads';
import type { CloneWatch } from './clone-watch.ts';
import type { DownLink } from './down-link.ts';
import { toHex } from './hex.ts';
import type { LiveSession, LiveSessions } from './live-sessions.ts';

const askAgainMs = 1000;

interface Question {
  id: Uint8Array;
  askedAt: number;
}

export class Instances {
  readonly #sessions: LiveSessions;
  readonly #clones: CloneWatch;
  readonly #down: DownLink;
  readonly #entropy: Entropy;
  readonly #found: (node: string) => void;
  readonly #questions = new WeakMap<LiveSession, Question>();

  /** `found` hears of a node that runs on two machines. */
  constructor(
    sessions: LiveSessions,
    clones: CloneWatch,
    down: DownLink,
    entropy: Entropy,
    found: (node: string) => void,
  ) {
    this.#sessions = sessions;
    this.#clones = clones;
    this.#down = down;
    this.#entropy = entropy;
    this.#found = found;
  }

  /** Something authentic came under `live`. */
  heard(live: LiveSession, nowMs: number): void {
    const current = this.#sessions.current(live.node);
    if (current === undefined || current.instance === live.instance) return;
    if (nowMs - current.openedAt > cloneAfterMs) this.#ask(live, nowMs);
  }

  /** Whether `receipt` answers what was asked here, and is nobody else's to look at. */
  answered(live: LiveSession, receipt: Receipt, nowMs: number): boolean {
    const question = this.#questions.get(live);
    if (question === undefined || toHex(question.id) !== toHex(receipt.command)) return false;
    const current = this.#sessions.current(live.node);
    if (current === undefined || current.instance === live.instance) return true;
    // A CONFIRM that was held back opens a session in which nobody is left to speak.
    const bothRun = current.session.received > 0;
    this.#sessions.restore(live);
    if (bothRun) {
      this.#clones.found(live.node, live.instance, nowMs);
      this.#found(live.node);
    }
    return true;
  }

  #ask(live: LiveSession, nowMs: number): void {
    const before = this.#questions.get(live);
    if (before !== undefined && nowMs - before.askedAt < askAgainMs) return;
    const id = before?.id ?? this.#entropy.bytes(16);
    this.#questions.set(live, { id, askedAt: nowMs });
    const action = { type: 'text', text: 'Is this node still running?' } as const;
    this.#down.send(live, {
      kind: 'command',
      body: { id, target: live.session.nodeId, issued: 0, expires: 0, action },
    });
  }
}
