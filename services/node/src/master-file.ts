// Whom this node belongs to: what its invite pinned, kept without the code once that is spent.
import { createHash, createPublicKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Invite, isTransportKey } from '@sealcast/channel/invite';
import type { Mechanism } from '@sealcast/channel/payloads';
import { StartError } from '@sealcast/runtime/run';
import * as v from 'valibot';
import { readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';

const bytes = v.pipe(
  v.string(),
  v.base64(),
  v.transform((text): Uint8Array => Buffer.from(text, 'base64')),
);
const key = v.pipe(
  bytes,
  v.check(({ length }) => length === 32, 'No key'),
);
const port = v.pipe(v.number(), v.integer(), v.minValue(1), v.maxValue(65535));
const fields = v.strictObject({
  host: v.string(),
  data: v.tuple([port, port]),
  join: v.tuple([port, port]),
  // A file of before there were several does not say.
  mechanism: v.optional(v.picklist(['curve', 'plain', 'null']), 'curve'),
  rsa: v.pipe(bytes, v.check(isTransportKey, 'No RSA key of a master')),
  signing: key,
  curve: key,
  spentInvite: v.string(),
});
// As in an invite: libzmq leaves CURVE out where the server's key is all zero.
const schema = v.pipe(
  fields,
  v.check(
    ({ mechanism, curve }) => curve.every((byte) => byte === 0) === (mechanism !== 'curve'),
    'A CURVE key that is all zero, or is not',
  ),
);

export interface Master {
  host: string;
  data: [number, number];
  join: [number, number];
  mechanism: Mechanism;
  /** SubjectPublicKeyInfo, DER; the newest that this node was told of. */
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

const asInvited: Elsewhere = { host: undefined, data: [undefined, undefined], join: [undefined, undefined] };

/** An invite that is new to this node goes before what it kept. Throws where there is neither. */
export function findMaster(stateFolder: string, invite: Invite | undefined, elsewhere = asInvited): Master {
  const path = join(stateFolder, fileName);
  const text = readPrivateFile(path);
  const kept = text === undefined ? undefined : parseKept(path, text);
  const isNews = invite !== undefined && kept?.spentInvite !== hashOf(invite.code);
  const found = isNews ? invite : kept;
  if (found === undefined)
    throw new StartError(
      'this node has not joined yet and has no invite: set mq_invite_code to the line that the master shows under "Add a node"',
    );
  const { mechanism, rsa, signing, curve } = found;
  const { host, data, join: joinPorts } = invite ?? found;
  return {
    host: elsewhere.host ?? host,
    data: [elsewhere.data[0] ?? data[0], elsewhere.data[1] ?? data[1]],
    join: [elsewhere.join[0] ?? joinPorts[0], elsewhere.join[1] ?? joinPorts[1]],
    mechanism,
    rsa,
    signing,
    curve,
    code: isNews ? invite.code : undefined,
  };
}

/**
 * WELCOME came: keeps whom the node belongs to, without the invite's code. `rsa` is the master's newest key, where that is no longer the
 * one that is pinned or kept.
 */
export function keepMaster(stateFolder: string, invite: Invite | undefined, rsa?: Uint8Array): void {
  const path = join(stateFolder, fileName);
  const before = readPrivateFile(path);
  const kept = before === undefined ? undefined : parseKept(path, before);
  const found = invite ?? kept;
  if (found === undefined) return;
  const { host, data, join: joinPorts, mechanism, signing, curve } = found;
  const spentInvite = invite === undefined ? kept?.spentInvite : hashOf(invite.code);
  const keys = { rsa: base64(rsa ?? found.rsa), signing: base64(signing), curve: base64(curve) };
  const text = `${JSON.stringify({ host, data, join: joinPorts, mechanism, ...keys, spentInvite })}\n`;
  if (before !== text) writePrivateFile(path, text);
}

/**
 * Takes the newest RSA key of a WELCOME in the place of the one that `master` has. What seals WELCOME proves both that key and the
 * signing key, so it is the same master that says so.
 * @returns whether there is one; throws where it is none that an invite may hold
 */
export function takeTransportKey(master: Master, rsa: Uint8Array | undefined): boolean {
  if (rsa === undefined) return false;
  if (!isTransportKey(rsa)) throw new Error('the master names a new RSA key that is none');
  master.rsa = Uint8Array.from(rsa);
  return true;
}

/**
 * Compares the keys in the PEM file, of which there can be several while a master's key is being changed, with the one that `master` has. As
 * long as the invite is to be believed, others stop the node. Once the node has joined, the file decides nothing more: it may hold
 * the key that was pinned before, or one that this node is yet to be told of by a WELCOME.
 * @returns what the operator should know, if anything
 */
export function checkTransportKey(file: string, master: Pick<Master, 'rsa' | 'code'>): string | undefined {
  if (transportKeysIn(file).some((spki) => spki.equals(master.rsa))) return undefined;
  if (master.code !== undefined)
    throw new StartError(
      `mq_transport_pub_key: ${file} is not the key that the invite pins: one of them is not from this master`,
    );
  return `mq_transport_pub_key: ${file} is not the key that this node knows its master by; it goes on with that one. Where the master's key is being changed, this passes`;
}

function transportKeysIn(file: string): Buffer[] {
  try {
    const pem = readFileSync(file, 'utf8');
    const blocks = pem.match(/-----BEGIN [^-]+-----[^-]+-----END [^-]+-----/g) ?? [pem];
    return blocks.map((block) => createPublicKey(block).export({ format: 'der', type: 'spki' }));
  } catch (cause) {
    throw new StartError(
      `mq_transport_pub_key: ${file} holds no public key that can be read; write the path of the master's transport.pub`,
      { cause },
    );
  }
}

/** Throws where the setting names another mechanism than the node was told. */
export function checkMechanism(set: Mechanism | undefined, { mechanism }: Pick<Master, 'mechanism'>): void {
  if (set === undefined || set === mechanism) return;
  throw new StartError(
    `mq_mechanism is ${set}, but this node was told ${mechanism} by its invite: leave mq_mechanism out, or join with an invite of a master that speaks ${set}`,
  );
}

function parseKept(path: string, text: string): v.InferOutput<typeof schema> {
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
