// Who may come to the data ports: the nodes of the roster, and relays.
import type { Verdict } from '@sealcast/hop/admission';
import { noHopKey } from '../store/hop-keys.ts';
import { toHex } from './hex.ts';
import type { Enrolment } from './enrolment.ts';
import type { KeptOutKeys } from './kept-out.ts';
import type { LiveSessions } from './live-sessions.ts';
import type { Relays } from './relays.ts';
import type { TransportView } from './views.ts';

/** The process that has the sockets. */
export interface Peers {
  /** Cuts every connection of a hop key, 64 hexadecimal digits. */
  drop(hopKey: string): void;
  status(): TransportView;
  /** How many connections were cut, by reason. */
  cuts(): Record<string, number>;
  /** Hop keys, 64 hexadecimal digits, of the relays that are connected. */
  relays(): ReadonlySet<string>;
}

export class Admission {
  readonly #enrolment: Enrolment;
  readonly #relays: Relays;
  readonly #sessions: LiveSessions;
  readonly #peers: Peers;
  readonly #keptOut: KeptOutKeys;

  constructor(enrolment: Enrolment, relays: Relays, sessions: LiveSessions, peers: Peers, keptOut: KeptOutKeys) {
    this.#enrolment = enrolment;
    this.#relays = relays;
    this.#sessions = sessions;
    this.#peers = peers;
    this.#keptOut = keptOut;
  }

  /** `hopKey`: 32 bytes. */
  admits(hopKey: Uint8Array): Verdict {
    return this.#admits(toHex(hopKey));
  }

  /** Cuts the connections of a hop key that is let in no more: a node or a relay that has the same one keeps it. */
  end(hopKey: string): void {
    if (hopKey === noHopKey || this.#admits(hopKey)) return;
    this.#keptOut.forget(hopKey);
    this.#peers.drop(hopKey);
  }

  /** The instance of a node that has this hop key holds again, in the place of one that may have another. */
  restore(node: string, hopKey: string, nowMs: number): void {
    const former = this.#enrolment.holdsAgain(node, hopKey, nowMs);
    if (former !== undefined) this.end(former);
  }

  // An instance that another one took over from must still be heard: it may be the one that stays.
  #admits(hopKey: string): Verdict {
    if (this.#relays.admits(hopKey)) return 'relay';
    return this.#enrolment.admits(hopKey) || this.#sessions.hasHopKey(hopKey);
  }
}
