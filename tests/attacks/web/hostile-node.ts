// A node that has joined as it should, and says whatever the protocol lets it say.
import { randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { parseInvite } from '@sealcast/channel/invite';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import type { Facts, Receipt, Sample } from '@sealcast/channel/payloads';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { Link } from '@sealcast/node/link/link';
import { MasterClock } from '@sealcast/node/link/master-clock';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair } from 'zeromq';

export interface Saying {
  facts: Facts;
  sample: Sample;
  /** What it answers to each command. */
  receipt: Pick<Receipt, 'outcome' | 'detail' | 'output'>;
}

export class HostileNode implements AsyncDisposable {
  readonly id: string;
  readonly #link: Link;
  readonly #repeat: NodeJS.Timeout;
  #live = false;

  constructor(invite: string, { facts, sample, receipt }: Saying) {
    const curve = curveKeyPair();
    const master = parseInvite(invite);
    const secrets = newIdentitySecrets(systemEntropy);
    this.id = Buffer.from(secrets.id).toString('hex');
    this.#link = new Link({
      master: { ...master },
      identity: nodeIdentity(secrets, { mechanism: 'curve', secret: decodeZ85(curve.secretKey) }, randomBytes(16)),
      keys: { mechanism: 'curve', ...curve, serverKey: encodeZ85(master.curve) },
      entropy: systemEntropy,
      clock: new MasterClock(() => performance.now()),
      log: createLog('node', 'silent'),
      on: {
        live: () => {
          this.#live = true;
        },
        command: ({ id }) => this.#link.send({ kind: 'receipt', body: { command: id, ...receipt } }),
      },
    });
    this.#link.start();
    let number = 0;
    // As a node does, until the master has it.
    this.#repeat = setInterval(() => {
      if (!this.#live) return;
      this.#link.send({ kind: 'facts', body: facts });
      this.#link.send({ kind: 'report', body: { samples: [{ ...sample, number: (number += 1), at: Date.now() }] } });
    }, 500);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#repeat);
    await this.#link.stop();
  }
}
