// What an operator reads when a node stays out: what was seen, and what to do.
import type { Master } from '../master-file.ts';
import type { HopState } from './hop.ts';
import type { JoinFailure } from './join.ts';

type Told = Pick<Master, 'host' | 'join' | 'data' | 'mechanism' | 'code'>;

export function failureText(failure: JoinFailure, master: Omit<Told, 'data'>): string {
  const { host, join, mechanism, code } = master;
  const where = `${host}, ports ${join[0]} and ${join[1]}`;
  const again = 'Make a new invite on its page';
  const texts: Record<JoinFailure, string> = {
    unreachable: `the master can't be reached at ${where}: is it running, is the address right, does a firewall stand between?`,
    'no-handshake': `something answers at ${where}, but it ${stranger(mechanism)}: it is another master, or its keys were made anew`,
    'other-mechanism': `the master at ${where} speaks another mechanism than this node, which was told ${mechanism} by its invite: mq_mechanism was changed there, or it is another master. ${again}, or set mq_mechanism back there`,
    denied: `the master at ${where} does not let ${credentials[mechanism]} in`,
    silent: `the master at ${where} does not answer this node: its RSA or signing key is not the one that the invite pins, or it is overloaded`,
    refused:
      code === undefined
        ? `the master refused this node: it was removed there, or another machine is running with this identity (a copy of its disk or of state_dir; the page says so), or the master has lost its roster. ${again}; on a node that was removed, and on a copy, delete state_dir first`
        : `the master refused this invite: it is unknown there, spent, withdrawn or expired, or this node was removed, or another machine is running with its identity. ${again}; on a node that was removed, and on a copy, delete state_dir first`,
  };
  return texts[failure];
}

/** For a session in which no answer ever came, though the join ports are open. `hopKey`: 32 bytes, what the node shows there. */
export function dataFailureText(
  state: HopState,
  { host, data, mechanism }: Omit<Told, 'join' | 'code'>,
  hopKey: Uint8Array,
): string {
  const where = `${host}, ports ${data[0]} and ${data[1]}`;
  const joined = 'the master took this node in, but';
  const texts: Record<HopState, string> = {
    unreachable: `${joined} its data ports can't be reached at ${where}: does a firewall let them through, and are they the right ones?`,
    'no-handshake': `${joined} what answers at ${where} ${stranger(mechanism)}: are these its data ports?`,
    'other-mechanism': `${joined} what answers at ${where} speaks another mechanism than this node, which was told ${mechanism} by its invite: are these its data ports?`,
    denied: `${joined} does not let ${credentials[mechanism]} in at its data ports, ${where}, and so nothing can be reported: it was removed there, or the list of who may connect, which mq_zap_file or mq_zap_command names there, leaves it out. Its key, as that list takes it, is ${Buffer.from(hopKey).toString('hex')}`,
    open: `${joined} does not answer at ${where}: it is overloaded, or can't write to its disk`,
  };
  return texts[state];
}

const credentials: Readonly<Record<Master['mechanism'], string>> = {
  curve: "this node's CURVE key",
  plain: "this node's user name and hop secret",
  null: 'this node',
};

// Where the handshake does not end: under CURVE it is the key that is another.
function stranger(mechanism: Master['mechanism']): string {
  return mechanism === 'curve'
    ? 'does not hold the CURVE key that the invite pins'
    : 'does not shake hands as a master does';
}
