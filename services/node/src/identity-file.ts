// The node's identity: made once, kept in the state folder, never sent.
import { join } from 'node:path';
import type { Entropy } from '@sealcast/channel/entropy';
import { instanceBytes } from '@sealcast/channel/ids';
import { newIdentitySecrets, type NodeIdentity, nodeIdentity } from '@sealcast/channel/node-identity';
import { decodeZ85 } from '@sealcast/channel/z85';
import { StartError } from '@sealcast/runtime/run';
import * as v from 'valibot';
import { curveKeyPair } from 'zeromq';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

const z85Key = v.pipe(v.string(), v.length(40));
const schema = v.strictObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}$/)),
  seed: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  curve: v.strictObject({ publicKey: z85Key, secretKey: z85Key }),
});

export interface KeptIdentity {
  identity: NodeIdentity;
  /** Z85. */
  curve: { publicKey: string; secretKey: string };
}

/** Throws StartError where the file is there and damaged: a new identity in its place would be another node. */
export function keepIdentity(stateFolder: string, entropy: Entropy): KeptIdentity {
  const path = join(stateFolder, 'identity.json');
  const text = readPrivateFile(path) ?? make(path, entropy);
  try {
    const { id, seed, curve } = v.parse(schema, JSON.parse(text));
    const secrets = { id: Buffer.from(id, 'hex'), seed: Buffer.from(seed, 'hex') };
    return { identity: nodeIdentity(secrets, decodeZ85(curve.publicKey), entropy.bytes(instanceBytes)), curve };
  } catch {
    // The cause would quote the file, and with it the secret.
    throw new StartError(
      `${path} is damaged: put its backup back, or delete it and join as a new node with a new invite`,
    );
  }
}

function make(path: string, entropy: Entropy): string {
  const { id, seed } = newIdentitySecrets(entropy);
  const text = `${JSON.stringify({ id: hex(id), seed: hex(seed), curve: curveKeyPair() })}\n`;
  writePrivateFile(path, text);
  return text;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
