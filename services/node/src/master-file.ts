// Whom this node belongs to: what its invite pinned, kept without the code once that is spent.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Invite } from '@sealcast/channel/invite';
import { StartError } from '@sealcast/runtime/run';
import * as v from 'valibot';
import { readPrivateFile, writePrivateFile } from './private-file.ts';

const bytes = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text): Uint8Array => Buffer.from(text, 'base64')),
);
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const schema = v.strictObject({
  host: v.string(),
  data: v.tuple([port, port]),
  join: v.tuple([port, port]),
  rsa: bytes,
  signing: bytes,
  curve: bytes,
  spentInvite: v.string(),
});

export interface Master {
  host: string;
  data: [number, number];
  join: [number, number];
  /** SubjectPublicKeyInfo, DER. */
  rsa: Uint8Array;
  signing: Uint8Array;
  curve: Uint8Array;
  /** To be shown when joining; undefined once it is spent. */
  code: Uint8Array | undefined;
}

/** Where to connect instead of what the invite says. */
export interface Elsewhere {
  host: string | undefined;
  data: [number | undefined, number | undefined];
  join: [number | undefined, number | undefined];
}

const fileName = 'master.json';

/** An invite that is new to this node goes before what it kept. Throws where there is neither. */
export function findMaster(stateFolder: string, invite: Invite | undefined, elsewhere: Elsewhere): Master {
  const kept = readKept(stateFolder);
  const isNews = invite !== undefined && kept?.spentInvite !== hashOf(invite.code);
  const found = isNews ? invite : kept;
  if (found === undefined)
    throw new StartError(
      'this node has not joined yet and has no invite: set mq_invite_code to the line that the master shows under "Add a node"',
    );
  const { rsa, signing, curve } = found;
  const { host, data, join: joinPorts } = invite ?? found;
  return {
    host: elsewhere.host ?? host,
    data: [elsewhere.data[0] ?? data[0], elsewhere.data[1] ?? data[1]],
    join: [elsewhere.join[0] ?? joinPorts[0], elsewhere.join[1] ?? joinPorts[1]],
    rsa,
    signing,
    curve,
    code: isNews ? invite.code : undefined,
  };
}

/** WELCOME came: keeps `invite` without its code, where it is not kept already. */
export function keepMaster(
  stateFolder: string,
  { host, data, join: joinPorts, rsa, signing, curve, code }: Invite,
): void {
  const kept = { host, data, join: joinPorts, rsa: base64(rsa), signing: base64(signing), curve: base64(curve) };
  const path = join(stateFolder, fileName);
  const text = `${JSON.stringify({ ...kept, spentInvite: hashOf(code) })}\n`;
  if (readPrivateFile(path) !== text) writePrivateFile(path, text);
}

/** Throws where the PEM file holds another RSA key than the invite pins. */
export function checkTransportKey(file: string, master: Pick<Master, 'rsa'>): void {
  const spki = createPublicKey(readFileSync(file)).export({ format: 'der', type: 'spki' });
  if (!spki.equals(master.rsa))
    throw new StartError(
      `mq_transport_pub_key: ${file} is not the key that the invite pins: one of them is not from this master`,
    );
}

function readKept(stateFolder: string): v.InferOutput<typeof schema> | undefined {
  const path = join(stateFolder, fileName);
  const text = readPrivateFile(path);
  if (text === undefined) return undefined;
  try {
    return v.parse(schema, JSON.parse(text));
  } catch (error) {
    throw new StartError(`${path} is damaged: delete it and join again with a new invite`, { cause: error });
  }
}

function base64(raw: Uint8Array): string {
  return Buffer.from(raw).toString('base64');
}

function hashOf(code: Uint8Array): string {
  return createHash('sha256').update(code).digest('hex');
}
