// HELLOs whose every part a test chooses, signed and sealed as they should be; and a stranger who brings them to the join ports.
import { createPublicKey } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { newMlkem, newX25519 } from '@sealcast/channel/exchange';
import { type Hello, sealHello } from '@sealcast/channel/hello';
import type { Invite } from '@sealcast/channel/invite';
import type { PinnedMaster } from '@sealcast/channel/join-node';
import { firstKeys } from '@sealcast/channel/keys';
import { fingerprint } from '@sealcast/channel/master-keys';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { Hop } from '@sealcast/node/link/hop';
import { curveKeyPair } from 'zeromq';
import { newIdentity } from '../../unit/master/fleet/paper-fleet.ts';

export interface FirstKey {
  k0: Uint8Array;
  /** RSA-OAEP(K0). */
  wrapped: Uint8Array;
}

export function firstKey({ rsa }: Pick<PinnedMaster, 'rsa'>): FirstKey {
  const k0 = systemEntropy.bytes(32);
  const key = createPublicKey({ key: Buffer.from(rsa), format: 'der', type: 'spki' });
  return { k0, wrapped: systemEntropy.wrapKey(key, k0) };
}

// Nothing asks them to be fresh of somebody who does not mean to go on.
const ephemerals = { x25519: newX25519(systemEntropy).publicKey, mlkem: newMlkem(systemEntropy).publicKey };

export interface Said extends Partial<Hello> {
  /** Who signs, and whose id, identity and hop key it says where nothing else is said. */
  by?: NodeIdentity;
  first?: FirstKey;
}

export function helloTo(master: PinnedMaster, said: Said = {}): { hello: Uint8Array; topic: Buffer; refusal: Buffer } {
  const { by = newIdentity(), first = firstKey(master), ...parts } = said;
  const print = fingerprint(master.signing);
  const keys = firstKeys(first.k0, print);
  const content: Hello = {
    version: 1,
    id: by.id,
    identity: by.publicKey,
    instance: by.instance,
    random: systemEntropy.bytes(32),
    ...ephemerals,
    hopKey: by.hopKey,
    inviteCode: new Uint8Array(16),
    ...parts,
  };
  const hello = sealHello(content, first.wrapped, systemEntropy.bytes(12), keys.hello, print, by.privateKey);
  return { hello, topic: keys.topic, refusal: keys.refusal };
}

/** Somebody at the join ports, as anybody may be. */
export class Stranger implements Disposable {
  readonly came: Buffer[] = [];
  readonly #hop: Hop;
  #saying: Promise<void> = Promise.resolve();

  private constructor(hop: Hop) {
    this.#hop = hop;
    void this.#hear();
  }

  static async at(invite: Invite, topics: Uint8Array[] = []): Promise<Stranger> {
    const curve = curveKeyPair();
    const hop = new Hop(invite, 'join', { mechanism: 'curve', ...curve, serverKey: encodeZ85(invite.curve) }, topics);
    if (!(await hop.opened(20_000))) throw new Error(`the join ports are ${hop.state}`);
    return new Stranger(hop);
  }

  async say(...frames: Uint8Array[]): Promise<void> {
    for (const frame of frames) {
      this.#saying = this.#saying.then(() => this.#hop.push.send(frame));
      await this.#saying;
    }
  }

  [Symbol.dispose](): void {
    this.#hop.close();
  }

  async #hear(): Promise<void> {
    for await (const [, frame] of this.#hop.sub) if (frame !== undefined) this.came.push(frame);
  }
}

/** What a node shows to the hop, the hop key by which it is known, and what proves that key. */
export function newHopPair(invite: Pick<Invite, 'curve'>) {
  const pair = curveKeyPair();
  return {
    hopKey: decodeZ85(pair.publicKey),
    hopSecret: { mechanism: 'curve', secret: decodeZ85(pair.secretKey) } as const,
    keys: { mechanism: 'curve', ...pair, serverKey: encodeZ85(invite.curve) } as const,
  };
}
