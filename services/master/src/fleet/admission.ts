// Who may come to the data ports: the nodes of the roster, and relays.
import type { Verdict } from '@sealcast/hop/admission';
import { toHex } from './hex.ts';
import type { Enrolment } from './enrolment.ts';
import type { Relays } from './relays.ts';
import type { TransportView } from './views.ts';

/** The process that has the sockets. */
export interface Peers {
  /** Cuts every connection of a hop key, 64 hexadecimal digits. */
  drop(hopKey: string): void;
  status(): TransportView;
  /** How many connections were cut, by reason. */
  cuts(): Record<string, number>;
}

/** Under NULL, which knows nobody, everyone has it. */
const noHopKey = '0'.repeat(64);

export class Admission {
  readonly #enrolment: Enrolment;
  readonly #relays: Relays;
  readonly #peers: Peers;

  constructor(enrolment: Enrolment, relays: Relays, peers: Peers) {
    this.#enrolment = enrolment;
    this.#relays = relays;
    this.#peers = peers;
  }

  /** `hopKey`: 32 bytes. */
  admits(hopKey: Uint8Array): Verdict {
    return this.#admits(toHex(hopKey));
  }

  /** Cuts the connections of a hop key that is let in no more: a node or a relay that has the same one keeps it. */
  end(hopKey: string): void {
    if (hopKey !== noHopKey && !this.#admits(hopKey)) this.#peers.drop(hopKey);
  }

  #admits(hopKey: string): Verdict {
    return this.#relays.admits(hopKey) ? 'relay' : this.#enrolment.admits(hopKey);
  }
}
