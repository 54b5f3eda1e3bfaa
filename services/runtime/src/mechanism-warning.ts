// What init, master and node say at their start where the hop is not CURVE's (PROTOCOL.md, Mechanisms).
import type { Mechanism } from '@sealcast/channel/payloads';

const seal = 'Messages stay sealed end to end: nobody on the way can read, change or forge one.';

const lacks: Record<Exclude<Mechanism, 'curve'>, string> = {
  plain:
    'user names and secrets cross the network readable, so whoever listens there can connect to the data ports as a node, and the hop ' +
    'does not prove the master.',
  null: 'the four ports are open to everybody who reaches them, and the hop proves nobody.',
};

/** Undefined under CURVE, which lacks nothing. */
export function mechanismWarning(mechanism: Mechanism): string | undefined {
  return mechanism === 'curve' ? undefined : `mq_mechanism is ${mechanism}: ${lacks[mechanism]} ${seal}`;
}
