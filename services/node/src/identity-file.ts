// The node's identity: made once, kept in the state folder, never sent. While a new one is being taken, both are there.
import { join } from 'node:path';
import type { Entropy } from '@sealcast/channel/entropy';
import type { HopSecret } from '@sealcast/channel/hop-key';
import { instanceBytes } from '@sealcast/channel/ids';
import { newIdentitySecrets, type NodeIdentity, nodeIdentity } from '@sealcast/channel/node-identity';
import type { Mechanism } from '@sealcast/channel/payloads';
import { decodeZ85 } from '@sealcast/channel/z85';
import { isCurvePair } from '@sealcast/hop/curve-pair';
import { StartError } from '@sealcast/runtime/run';
import * as v from 'valibot';
import { curveKeyPair } from 'zeromq';
import { readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';

// Not all zero: everybody knows that id, and that secret.
const hex16 = v.pipe(v.string(), v.regex(/^(?!0+$)[0-9a-f]{32}$/));
const hex32 = v.pipe(v.string(), v.regex(/^(?!0+$)[0-9a-f]{64}$/));
const schema = v.strictObject({
  id: hex16,
  seed: hex32,
  curve: v.pipe(
    v.strictObject({ publicKey: v.string(), secretKey: v.string() }),
    v.check(isCurvePair, 'No CURVE pair'),
  ),
  /** What PLAIN shows. */
  hopSecret: v.exactOptional(hex32),
  /** Being taken, on the order of that command. */
  next: v.exactOptional(v.strictObject({ seed: hex32, command: hex16 })),
});
type Kept = v.InferOutput<typeof schema>;

const hopSecretBytes = 32;

/** Throws StartError where the file is there and damaged: a new identity in its place would be another node. */
export function keepIdentity(stateFolder: string, entropy: Entropy, mechanism: Mechanism = 'curve'): KeptIdentity {
  const path = join(stateFolder, 'identity.json');
  const found = readKept(path) ?? write(path, newIdentity(entropy));
  const kept =
    mechanism === 'plain' && found.hopSecret === undefined
      ? write(path, { ...found, hopSecret: hex(entropy.bytes(hopSecretBytes)) })
      : found;
  return new KeptIdentity(path, kept, mechanism, entropy);
}

export class KeptIdentity {
  /** Z85. */
  readonly curve: { publicKey: string; secretKey: string };
  /** 32 bytes; there under PLAIN alone. */
  readonly hopSecret: Uint8Array | undefined;
  readonly #path: string;
  readonly #entropy: Entropy;
  readonly #hop: HopSecret;
  readonly #instance: Uint8Array;
  #identity: NodeIdentity;
  #next: { identity: NodeIdentity; command: string } | undefined;

  constructor(path: string, kept: Kept, mechanism: Mechanism, entropy: Entropy) {
    this.curve = kept.curve;
    this.hopSecret =
      mechanism === 'plain' && kept.hopSecret !== undefined ? Buffer.from(kept.hopSecret, 'hex') : undefined;
    this.#path = path;
    this.#entropy = entropy;
    this.#hop = hopOf(mechanism, this.curve.secretKey, this.hopSecret);
    this.#instance = entropy.bytes(instanceBytes);
    this.#identity = this.#open(kept.id, kept.seed);
    const { next } = kept;
    this.#next = next && { identity: this.#open(kept.id, next.seed), command: next.command };
  }

  get identity(): NodeIdentity {
    return this.#identity;
  }

  /** The one that is being taken, and by which command (32 hex digits). */
  get next(): { identity: NodeIdentity; command: string } | undefined {
    return this.#next;
  }

  /** Makes the next identity, which is on disk when this returns. Throws where it can't be written down. */
  makeNext(command: string): void {
    const { seed } = newIdentitySecrets(this.#entropy);
    const kept = write(this.#path, { ...this.#read(), next: { seed: hex(seed), command } });
    this.#next = { identity: this.#open(kept.id, hex(seed)), command };
  }

  /** The master knows the next identity: the one before is no longer on disk when this returns. Throws where it still is. */
  takeNext(): void {
    const { next, ...kept } = this.#read();
    if (next === undefined || this.#next === undefined) throw new Error('no identity is being taken');
    write(this.#path, { ...kept, seed: next.seed });
    this.#identity = this.#next.identity;
    this.#next = undefined;
  }

  // Secrets stay on disk, and not in this process's memory for as long as it lives.
  #read(): Kept {
    const kept = readKept(this.#path);
    if (kept === undefined) throw new Error(`${this.#path} is gone`);
    return kept;
  }

  #open(id: string, seed: string): NodeIdentity {
    const secrets = { id: Buffer.from(id, 'hex'), seed: Buffer.from(seed, 'hex') };
    return nodeIdentity(secrets, this.#hop, this.#instance);
  }
}

function hopOf(mechanism: Mechanism, curveSecret: string, hopSecret: Uint8Array | undefined): HopSecret {
  if (mechanism === 'curve') return { mechanism, secret: decodeZ85(curveSecret) };
  return hopSecret === undefined ? { mechanism: 'null' } : { mechanism: 'plain', secret: hopSecret };
}

function readKept(path: string): Kept | undefined {
  const text = readPrivateFile(path);
  if (text === undefined) return undefined;
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    // The cause would quote the file, and with it the secret.
    throw new StartError(
      `${path} is damaged: put its backup back, or delete it and join as a new node with a new invite`,
    );
  }
}

function newIdentity(entropy: Entropy): Kept {
  const { id, seed } = newIdentitySecrets(entropy);
  return { id: hex(id), seed: hex(seed), curve: curveKeyPair() };
}

function write(path: string, kept: Kept): Kept {
  writePrivateFile(path, `${JSON.stringify(kept)}\n`);
  return kept;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
