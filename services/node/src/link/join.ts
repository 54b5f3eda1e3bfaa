// One attempt to join, or to join anew beside a live session.
import { joinTimeoutMs, joinTries } from '@sealcast/channel/constants';
import type { Entropy } from '@sealcast/channel/entropy';
import { Refusal, type RefusalCode } from '@sealcast/channel/errors';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import type { Welcome } from '@sealcast/channel/payloads';
import type { Session } from '@sealcast/channel/session';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import { SendLoop } from '@sealcast/hop/send-loop';
import type { Master } from '../master-file.ts';
import { Hop, type HopState } from './hop.ts';

export interface Joined {
  session: Session;
  welcome: Welcome;
}

export type JoinFailure = 'refused' | 'silent' | Exclude<HopState, 'open'>;

export class JoinError extends Error {
  readonly failure: JoinFailure;
  /** Whether it took anything of the master, or of what stands before it. */
  readonly wasReached: boolean;

  constructor(failure: JoinFailure, wasReached = true) {
    super(failure);
    this.failure = failure;
    this.wasReached = wasReached;
  }
}

const hopTimeoutMs = 5000;

export interface JoinOptions {
  master: Master;
  identity: NodeIdentity;
  keys: HopCredentials;
  entropy: Entropy;
  /** Whether the session carries OTHER, which no fleet takes. */
  other?: boolean | undefined;
  /** Hears of frames that were not taken. */
  refused: ((code: RefusalCode) => void) | undefined;
  signal: AbortSignal;
}

/** Throws JoinError. */
export async function join(options: JoinOptions): Promise<Joined> {
  const { master, identity, keys, entropy, other = false, signal } = options;
  const attempt = new NodeJoin(master, identity, master.code, entropy, { other });
  const hop = new Hop(master, 'join', keys, [attempt.topic]);
  const stop = () => hop.close();
  signal.addEventListener('abort', stop, { once: true });
  try {
    if (!(await hop.opened(hopTimeoutMs)) && hop.state !== 'open') throw new JoinError(hop.state, hop.wasReached);
    return await shakeHands(attempt, hop, options.refused);
  } finally {
    signal.removeEventListener('abort', stop);
    hop.close();
    attempt.erase();
  }
}

async function shakeHands(attempt: NodeJoin, hop: Hop, refused: JoinOptions['refused']): Promise<Joined> {
  const loop = new SendLoop(hop.push, () => hop.sub.close());
  let step = attempt.hello;
  let triesLeft = joinTries;
  const send = () => {
    if (triesLeft === 0) return hop.sub.close();
    triesLeft -= 1;
    loop.send(step);
    timer.refresh();
  };
  const timer: NodeJS.Timeout = setTimeout(() => send(), joinTimeoutMs);
  send();
  try {
    for await (const frames of hop.sub) {
      const outcome = receive(attempt, frames, refused);
      if (outcome?.type === 'refused') throw new JoinError('refused');
      if (outcome?.type === 'welcome') return outcome;
      if (outcome?.type === 'offer') {
        step = outcome.confirm;
        triesLeft = joinTries;
        send();
      }
    }
  } finally {
    clearTimeout(timer);
  }
  throw new JoinError('silent');
}

// What can't be opened may be somebody else's: the node goes on waiting.
function receive(attempt: NodeJoin, frames: Uint8Array[], refused: JoinOptions['refused']) {
  try {
    const [, frame] = frames;
    if (frames.length !== 2 || frame === undefined) throw new Refusal('frame.parts');
    return attempt.receive(frame);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    refused?.(error.code);
    return undefined;
  }
}
