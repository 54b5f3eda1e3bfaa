// What a node says in its session, and what the master does on it.
import { Refusal } from '@sealcast/channel/errors';
import { fingerprint } from '@sealcast/channel/master-keys';
import type { Message } from '@sealcast/channel/session';
import { toHex } from './hex.ts';
import type { Instances } from './instances.ts';
import type { LiveSession } from './live-sessions.ts';
import type { Parts } from './parts.ts';
import { takeIdentity } from './rotation.ts';

export class Conversation {
  readonly #parts: Parts;
  readonly #instances: Instances;
  readonly #fingerprint: Uint8Array;

  constructor(parts: Parts, instances: Instances) {
    this.#parts = parts;
    this.#instances = instances;
    this.#fingerprint = fingerprint(parts.keys.signingPublic);
  }

  /** Throws Refusal. */
  take(live: LiveSession, message: Message, nowMs: number): void {
    const { sessions, epochs, desk, facts, down } = this.#parts;
    const { node } = live;
    switch (message.kind) {
      case 'report':
        return this.#report(live, message.body.samples, nowMs);
      case 'facts':
        if (sessions.told(live, live.session.opened)) facts.take(node, message.body, nowMs);
        return;
      case 'receipt':
        return this.#receipt(live, message.body, nowMs);
      case 'ask':
        if (message.body.epoch !== epochs.current.epoch) down.epoch(live);
        return desk.answer(node, message.body.missing, nowMs);
      case 'leave':
        return this.#leave(live, nowMs);
      case 'rotate':
        return this.#rotate(live, message.body, nowMs);
      case 'ack':
      case 'command':
      case 'epoch':
      case 'rotated':
      case 'other':
        throw new Refusal('frame.kind');
    }
  }

  #report(live: LiveSession, taken: Body<'report'>['samples'], nowMs: number): void {
    const { inbox, down, news, now } = this.#parts;
    const samples = taken.map((sample) => ({ ...sample, at: Math.min(sample.at, nowMs) }));
    const { node } = live;
    live.reported = Math.max(live.reported, ...samples.map(({ number }) => number));
    inbox.add(node, samples, () => {
      down.acknowledge(node, now());
      if (samples.length > 0) news.node(node);
    });
  }

  #receipt(live: LiveSession, receipt: Body<'receipt'>, nowMs: number): void {
    const { desk, news } = this.#parts;
    if (this.#instances.answered(live, receipt, nowMs)) return;
    if (!desk.receipt(live.node, receipt, nowMs)) return;
    const id = toHex(receipt.command);
    live.answered.add(id);
    news.command(id);
  }

  #leave(live: LiveSession, nowMs: number): void {
    const { sessions, admission, presence, clones, news, log } = this.#parts;
    const { node } = live;
    // One that was held back, and came under an older session, says nothing of the present.
    if (sessions.current(node) !== live) return;
    const before = sessions.leave(live);
    if (before !== undefined) {
      admission.restore(node, before.hopKey, nowMs);
      return log.info({ node }, 'an instance of a node stopped; the one before it may be running');
    }
    presence.left(node, nowMs);
    clones.forget(node);
    log.info({ node }, 'a node stopped');
    news.node(node);
  }

  #rotate(live: LiveSession, rotate: Body<'rotate'>, nowMs: number): void {
    const { store, sessions, down, log } = this.#parts;
    if (sessions.current(live.node) !== live) throw new Refusal('join.identity');
    if (takeIdentity(store, live.node, rotate, this.#fingerprint, !sessions.isWatched(live), nowMs))
      log.info({ node: live.node }, 'a node has a new identity');
    down.send(live, { kind: 'rotated', body: { identity: rotate.identity } });
  }
}

type Body<Kind extends Message['kind']> = Extract<Message, { kind: Kind }>['body'];
