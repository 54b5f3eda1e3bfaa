// Joins, from HELLO to a live session.
import { Refusal } from '@sealcast/channel/errors';
import { type Applicant, type ConfirmReply, MasterJoins } from '@sealcast/channel/join-master';
import type { Welcome } from '@sealcast/channel/payloads';
import { toHex } from './hex.ts';
import { JoinRate } from './join-rate.ts';
import type { Overtaken } from './live-sessions.ts';
import type { Parts } from './parts.ts';

type JoiningParts = Pick<
  Parts,
  'store' | 'keys' | 'entropy' | 'mechanism' | 'enrolment' | 'clones' | 'sessions' | 'epochs' | 'news'
>;

export interface Arrival {
  node: string;
  isNew: boolean;
  /** The hop keys that it had, in hexadecimal, and maybe has. */
  formerKeys: ReadonlySet<string>;
  /** Its RSA key is not the newest. */
  olderKey: boolean;
}

export class Joining {
  readonly #parts: JoiningParts;
  readonly #joins: MasterJoins;
  readonly #rate = new JoinRate();

  constructor(parts: JoiningParts) {
    const { keys, entropy, mechanism, sessions } = parts;
    this.#parts = parts;
    this.#joins = new MasterJoins(
      keys,
      entropy,
      (applicant, nowMs) => this.#judge(applicant, nowMs),
      (keyId) => sessions.withKeyId(keyId) !== undefined,
      { mechanism },
    );
  }

  /** What to publish, and who arrived by it. Throws Refusal. */
  receive(frame: Uint8Array, nowMs: number): { reply: ConfirmReply; arrival: Arrival | undefined } {
    let isNew = false;
    let formerKeys: ReadonlySet<string> = new Set();
    const reply = this.#joins.receive(frame, nowMs, (applicant) => {
      if (!this.#rate.take(toHex(applicant.id), nowMs)) throw new Refusal('join.busy');
      formerKeys = this.#keysOf(toHex(applicant.id));
      const watched = this.#parts.sessions.watched(toHex(applicant.id), toHex(applicant.instance));
      isNew = this.#parts.enrolment.enrol(applicant, nowMs, watched === undefined);
      return this.#welcome(applicant, watched, nowMs);
    });
    if (reply.joined === undefined) return { reply, arrival: undefined };
    const { applicant, session, olderKey } = reply.joined;
    const node = toHex(applicant.id);
    const { sessions, store } = this.#parts;
    const program = { instance: toHex(applicant.instance), hopKey: toHex(applicant.hopKey) };
    const overtaken = sessions.open(node, session, program, nowMs);
    if (overtaken !== undefined)
      overtaken.overtaken ??= {
        at: nowMs,
        spoken: false,
        answered: new Set(),
        through: store.samples.through(node),
        facts: store.roster.find(node)?.facts ?? null,
      };
    return { reply, arrival: { node, isNew, olderKey, formerKeys } };
  }

  #keysOf(node: string): ReadonlySet<string> {
    const { sessions, store } = this.#parts;
    const entry = store.roster.find(node);
    return new Set(entry === undefined ? [] : [entry.hopKey, ...sessions.hopKeysOf(node)]);
  }

  #judge(applicant: Applicant, nowMs: number) {
    const { enrolment, clones, news } = this.#parts;
    const code = enrolment.judge(applicant, nowMs);
    if (code === 'join.cloned') {
      const node = toHex(applicant.id);
      clones.tried(node);
      news.node(node);
    }
    return code;
  }

  // What another instance has reported since this one was taken over from is none of this one's.
  #welcome(applicant: Applicant, watched: Overtaken | undefined, nowMs: number): Omit<Welcome, 'rsa'> {
    const { store, epochs } = this.#parts;
    const id = toHex(applicant.id);
    const interval = store.roster.find(id)?.interval;
    if (interval === undefined) throw new Error('a node that has just been enrolled is not in the roster');
    const { epoch, key } = epochs.current;
    const through = watched?.through ?? store.samples.through(id);
    return { epoch, key, head: epochs.head, through, time: nowMs, interval };
  }
}
