// A new identity in the place of the old one (PROTOCOL.md, Sessions): written down, sent until the master has it, and then the only one.
import { commandRetryMs } from '@sealcast/channel/constants';
import { makeRotate } from '@sealcast/channel/rotate';
import type { Rotated } from '@sealcast/channel/payloads';
import type { UpMessage } from '@sealcast/channel/session';
import type { Logger } from '@sealcast/runtime/log';
import type { Outcome } from './command-log.ts';
import type { KeptIdentity } from './identity-file.ts';

export interface RotationOptions {
  kept: KeptIdentity;
  /** The master's, 32 bytes. */
  fingerprint: Uint8Array;
  /** False where no session is live. */
  send: (message: UpMessage) => boolean;
  log: Logger;
}

export class Rotation {
  readonly #options: RotationOptions;
  #ended = Promise.withResolvers<Outcome>();
  #repeat: NodeJS.Timeout | undefined;

  constructor(options: RotationOptions) {
    this.#options = options;
  }

  /** What an earlier run began: by which command, and when it ends. */
  get underWay(): { command: string; ended: Promise<Outcome> } | undefined {
    const { next } = this.#options.kept;
    return next && { command: next.command, ended: this.#ended.promise };
  }

  /**
   * Takes a new identity for `command`; resolves when the master has it.
   * @throws where it can't be written down
   */
  begin(command: string): Promise<Outcome> {
    const { kept, log } = this.#options;
    if (kept.next !== undefined)
      return Promise.resolve({ outcome: 'failed', detail: 'a new identity is being taken already' });
    kept.makeNext(command);
    log.info('this node takes a new identity');
    this.#ended = Promise.withResolvers<Outcome>();
    this.live();
    return this.#ended.promise;
  }

  /** A session is live, or has new keys: says the new identity now, and again until it is known. */
  live(): void {
    this.lost();
    if (this.#options.kept.next === undefined) return;
    this.#say();
    this.#repeat = setInterval(() => this.#say(), commandRetryMs);
  }

  lost(): void {
    clearInterval(this.#repeat);
  }

  /** The master has written the identity down. */
  rotated({ identity }: Rotated): void {
    const { kept, log } = this.#options;
    if (kept.next === undefined || Buffer.compare(identity, kept.next.identity.publicKey) !== 0) return;
    try {
      kept.takeNext();
    } catch (error) {
      log.error({ err: error }, 'the old identity could not be erased; it is tried again');
      return;
    }
    this.lost();
    log.info('the master knows the new identity of this node; the old one is erased');
    this.#ended.resolve({ outcome: 'done' });
  }

  #say(): void {
    const { kept, fingerprint, send } = this.#options;
    if (kept.next === undefined) return;
    send({ kind: 'rotate', body: makeRotate(kept.identity, kept.next.identity, fingerprint) });
  }
}
