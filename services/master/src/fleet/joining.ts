// Joins, from HELLO to a live session.
import { Refusal } from '@sealcast/channel/errors';
import { type Applicant, type ConfirmReply, MasterJoins } from '@sealcast/channel/join-master';
import type { Welcome } from '@sealcast/channel/payloads';
import { toHex } from './hex.ts';
import { JoinRate } from './join-rate.ts';
import type { Parts } from './parts.ts';

type JoiningParts = Pick<Parts, 'store' | 'keys' | 'entropy' | 'enrolment' | 'clones' | 'sessions' | 'epochs' | 'news'>;

export interface Arrival {
  node: string;
  isNew: boolean;
  /** The hop key that it had, where no other instance that came with it is still watched: that one must be heard. */
  formerKey: string | undefined;
  /** Its RSA key is not the newest. */
  olderKey: boolean;
}

export class Joining {
  readonly #parts: JoiningParts;
  readonly #joins: MasterJoins;
  readonly #rate = new JoinRate();

  constructor(parts: JoiningParts) {
    const { keys, entropy, sessions } = parts;
    this.#parts = parts;
    this.#joins = new MasterJoins(
      keys,
      entropy,
      (applicant, nowMs) => this.#judge(applicant, nowMs),
      (keyId) => sessions.withKeyId(keyId) !== undefined,
    );
  }

  /** What to publish, and who arrived by it. Throws Refusal. */
  receive(frame: Uint8Array, nowMs: number): { reply: ConfirmReply; arrival: Arrival | undefined } {
    let isNew = false;
    let formerKey: string | undefined;
    const reply = this.#joins.receive(frame, nowMs, (applicant) => {
      if (!this.#rate.take(toHex(applicant.id), nowMs)) throw new Refusal('join.busy');
      formerKey = this.#parts.store.roster.find(toHex(applicant.id))?.hopKey;
      isNew = this.#parts.enrolment.enrol(applicant, nowMs);
      return this.#welcome(applicant, nowMs);
    });
    if (reply.joined === undefined) return { reply, arrival: undefined };
    const { applicant, session, olderKey } = reply.joined;
    const node = toHex(applicant.id);
    const { sessions, store } = this.#parts;
    const overtaken = sessions.open(node, session, toHex(applicant.instance), nowMs);
    if (overtaken !== undefined)
      overtaken.overtaken ??= {
        at: nowMs,
        spoken: false,
        answered: new Set(),
        through: store.samples.through(node),
        facts: store.roster.find(node)?.facts ?? null,
      };
    return { reply, arrival: { node, isNew, olderKey, formerKey: overtaken === undefined ? formerKey : undefined } };
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

  #welcome(applicant: Applicant, nowMs: number): Omit<Welcome, 'rsa'> {
    const { store, epochs } = this.#parts;
    const id = toHex(applicant.id);
    const interval = store.roster.find(id)?.interval;
    if (interval === undefined) throw new Error('a node that has just been enrolled is not in the roster');
    const { epoch, key } = epochs.current;
    return { epoch, key, head: epochs.head, through: store.samples.through(id), time: nowMs, interval };
  }
}
