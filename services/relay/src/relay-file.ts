// The relay's two CURVE pairs: one that nodes meet, one that it shows to the hop above. Made once; it has no other key.
import { join } from 'node:path';
import { isCurvePair } from '@sealcast/hop/curve-pair';
import { readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';
import { StartError } from '@sealcast/runtime/run';
import * as v from 'valibot';
import { curveKeyPair } from 'zeromq';

const pair = v.pipe(
  v.strictObject({ publicKey: v.string(), secretKey: v.string() }),
  v.check(isCurvePair, 'No CURVE pair'),
);
const schema = v.strictObject({ down: pair, up: pair });

/** Z85. */
export type RelayKeys = v.InferOutput<typeof schema>;

/** Throws StartError where the file is there and damaged: nodes that pin its key would not come back to another. */
export function keepRelayKeys(folder: string): RelayKeys {
  const path = join(folder, 'relay.json');
  const text = readPrivateFile(path) ?? make(path);
  try {
    return v.parse(schema, JSON.parse(text));
  } catch {
    // The cause would quote the file, and with it the secrets.
    throw new StartError(
      `${path} is damaged: put its backup back, or delete it, tell the master of the new relay, and invite its nodes anew`,
    );
  }
}

function make(path: string): string {
  const text = `${JSON.stringify({ down: curveKeyPair(), up: curveKeyPair() })}\n`;
  writePrivateFile(path, text);
  return text;
}
