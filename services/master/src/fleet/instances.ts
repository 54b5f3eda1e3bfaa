// One node, one machine (PROTOCOL.md, Instances). A message under the session that another instance took over from is no proof yet:
// it may have waited on a slow line, or with a relay, for longer than its sender lived. So the master asks back under that session,
// with a command that has expired and whose id nobody knows; only a program that runs now can answer it.
import { cloneAfterMs, pendingJoinMs } from '@sealcast/channel/constants';
import type { Receipt } from '@sealcast/channel/payloads';
import { toHex } from './hex.ts';
import type { LiveSession, Overtaken } from './live-sessions.ts';
import type { Parts } from './parts.ts';

const askAgainMs = 1000;

interface Question {
  id: Uint8Array;
  askedAt: number;
}

type InstancesParts = Pick<
  Parts,
  'store' | 'entropy' | 'log' | 'sessions' | 'admission' | 'clones' | 'down' | 'desk' | 'inbox' | 'facts' | 'news'
>;

export class Instances {
  readonly #parts: InstancesParts;
  /** By what all sessions of an instance that is watched share: it may answer in a newer one than it was asked in. */
  readonly #questions = new WeakMap<Overtaken, Question>();

  constructor(parts: InstancesParts) {
    this.#parts = parts;
  }

  /** Something authentic came under `live`. */
  heard(live: LiveSession, nowMs: number): void {
    const { overtaken } = live;
    if (overtaken !== undefined && nowMs - overtaken.at > cloneAfterMs) this.#ask(live, overtaken, nowMs);
  }

  /** Whether `receipt` answers what was asked here, and is nobody else's to look at. */
  answered(live: LiveSession, receipt: Receipt, nowMs: number): boolean {
    const { overtaken } = live;
    const question = overtaken && this.#questions.get(overtaken);
    if (overtaken === undefined || question === undefined) return false;
    if (toHex(question.id) !== toHex(receipt.command)) return false;
    const { sessions, admission } = this.#parts;
    const newer = sessions.newerThan(live);
    const bothRun = overtaken.spoken || newer.some((one) => ranBeside(one, live));
    const answered = newer.reduce((all, one) => all.union(one.answered), overtaken.answered);
    sessions.restore(live);
    admission.restore(live.node, live.hopKey, nowMs);
    this.#undo(live, overtaken, nowMs);
    this.#askAnew(live.node, answered, nowMs);
    if (bothRun) this.#holdOut(live, nowMs);
    return true;
  }

  #holdOut({ node, instance }: LiveSession, nowMs: number): void {
    const { clones, log, news } = this.#parts;
    clones.found(node, instance, nowMs);
    log.warn({ node }, 'a node runs on two machines; the one that joined later is held out');
    news.node(node);
  }

  // What the other one reported under this node's numbers would hide what this one reports from now on.
  #undo(live: LiveSession, overtaken: Overtaken, nowMs: number): void {
    const { store, sessions, inbox, facts } = this.#parts;
    const { node } = live;
    const own = sessions.reported(live);
    for (const part of [inbox, facts]) part.forget(node);
    sessions.forgetTold(live);
    store.samples.rewind(node, overtaken.through, own);
    if (overtaken.facts !== null) facts.take(node, overtaken.facts, nowMs);
  }

  // The copy may have done what this node was told to do, and this node has not heard of it.
  #askAnew(node: string, answered: ReadonlySet<string>, nowMs: number): void {
    const { store, desk, news } = this.#parts;
    store.transaction(() => {
      for (const id of answered) store.commands.reopen(id, node);
    });
    desk.welcomed(node, nowMs);
    for (const id of answered) news.command(id);
  }

  #ask(live: LiveSession, overtaken: Overtaken, nowMs: number): void {
    const before = this.#questions.get(overtaken);
    if (before !== undefined && nowMs - before.askedAt < askAgainMs) return;
    const id = before?.id ?? this.#parts.entropy.bytes(16);
    this.#questions.set(overtaken, { id, askedAt: nowMs });
    const action = { type: 'text', text: 'Is this node still running?' } as const;
    this.#parts.down.send(live, {
      kind: 'command',
      body: { id, target: live.session.nodeId, issued: 0, expires: 0, action },
    });
  }
}

// A CONFIRM that was held back opens a session in which nobody is left to speak; but it answers an OFFER of the last `pendingJoinMs`, and
// who answers one that was made after `older` had come has run beside it, though it says nothing.
function ranBeside({ session, openedAt }: LiveSession, older: LiveSession): boolean {
  return session.received > 0 || openedAt - older.since > pendingJoinMs;
}
