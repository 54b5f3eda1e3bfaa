// What can be made of recorded frames with keys that were stolen afterwards. It is the twin's code that tries: nothing of it is shared
// with what made the frames.
import { join as concat, zero } from '../../twin/bytes.ts';
import { groupRoute } from '../../twin/broadcast.ts';
import { decode } from '../../twin/cbor.ts';
import { aadBytes, kinds, type Route } from '../../twin/envelope.ts';
import { type HelloFields, openHello } from '../../twin/hello.ts';
import {
  epochKeys,
  helloKeys,
  joinKeys,
  masterFingerprint,
  masterId,
  prk,
  prk0,
  transcript2,
} from '../../twin/key-schedule.ts';
import { gcmOpen, mlkemDecapsulate, mlkemKeys, x25519Shared } from '../../twin/primitives.ts';
import type { RsaPrivate } from '../../twin/rsa.ts';
import { downRoute, upRoute } from '../../twin/session.ts';

export interface Loot {
  rsa: RsaPrivate;
  /** The master's, Ed25519. */
  signing: Uint8Array;
  signingSeed: Uint8Array;
  /** Everything else of 32 bytes: identities, CURVE keys, hop keys, hashes. */
  secrets: Uint8Array[];
}

export interface Opened {
  hellos: HelloFields[];
  /** The other frames that open, and what they say, without the kind. */
  others: Map<Uint8Array, Uint8Array>;
  /** Keys that opened something. */
  keys: Uint8Array[];
}

const nameOf = new Map<number, string>(Object.entries(kinds).map(([name, kind]) => [kind, name]));
export const kindName = (frame: Uint8Array): string => nameOf.get(frame[2] ?? 0) ?? 'none';

/** Tries all that the loot gives on all that was recorded. */
export function rob(recorded: Uint8Array[], loot: Loot): Opened {
  const opened: Opened = { hellos: [], others: new Map(), keys: [] };
  const take = (frame: Uint8Array, plaintext: Uint8Array, key: Uint8Array) => {
    opened.others.set(frame, plaintext.slice(1));
    if (!opened.keys.some((one) => Buffer.compare(one, key) === 0)) opened.keys.push(key);
  };
  const print = masterFingerprint(loot.signing);
  const master = masterId(loot.signing);
  const ofKind = (kind: number) => recorded.filter((frame) => frame[2] === kind);
  const candidates = [...loot.secrets, loot.signingSeed];

  const joins = ofKind(kinds.HELLO).map((frame) => openHello(loot, frame));
  opened.hellos = joins.map(({ fields }) => fields);
  const nodeIds = [...new Set(joins.map(({ fields }) => Buffer.from(fields.nodeId).toString('hex')))].map((hex) =>
    Uint8Array.from(Buffer.from(hex, 'hex')),
  );
  const firstKeys = joins.flatMap(({ K0 }) => Object.values(helloKeys(prk0(print, K0))));
  const direct = [...candidates, ...joins.map(({ K0 }) => K0), ...firstKeys.filter(({ length }) => length === 32)];

  // Every key of 32 bytes that is there, as the key of every session; and those that every pair of ephemerals would give.
  const sessionKeys = direct.map((key) => ({ wrap: key, confirm: key, up: key, down: key }));
  for (const { h1, K0, fields } of joins) {
    for (const offer of ofKind(kinds.OFFER)) {
      const publics = [fields.x25519, offer.slice(4, 36)];
      const agreed = candidates.flatMap((secret) => publics.flatMap((key) => x25519Shared(secret, key) ?? []));
      // The second half of a seed decides nothing where the first is the right one.
      const seeds = candidates.map((half) => mlkemKeys(concat(half, half)).decapsulationKey);
      const decapsulated = seeds.map((key) => mlkemDecapsulate(key, offer.slice(36, 1124)));
      const h2 = transcript2(h1, offer);
      for (const x of [...agreed, zero(32)])
        for (const m of [...decapsulated, ...candidates, zero(32)]) {
          const keys = joinKeys(prk(h2, K0, x, m));
          const nonce = offer.slice(1124, 1136);
          const plaintext = gcmOpen(keys.wrap, nonce, offer.slice(0, 1136), offer.slice(1136));
          if (plaintext === undefined) continue;
          take(offer, plaintext, keys.wrap);
          sessionKeys.push(keys);
        }
    }
  }
  for (const frame of recorded) {
    const kind = frame[2] ?? 0;
    if (kind === kinds.HELLO || kind === kinds.OFFER || kind >= kinds.BROADCAST) continue;
    for (const nodeId of nodeIds) {
      const ends = { nodeId, masterId: master };
      const isUp = kind === kinds.CONFIRM || (kind >= kinds.REPORT && kind < kinds.ACK);
      for (const keys of sessionKeys) {
        const key =
          kind === kinds.CONFIRM ? keys.confirm : kind === kinds.WELCOME ? keys.wrap : isUp ? keys.up : keys.down;
        const plaintext = openWith(frame, key, isUp ? upRoute(ends) : downRoute(ends));
        if (plaintext !== undefined) take(frame, plaintext, key);
      }
    }
  }
  const epochs = [
    ...direct,
    ...[...opened.others].flatMap(([frame, body]) => (frame[2] === kinds.WELCOME ? epochKeyIn(body) : [])),
  ];
  for (const frame of ofKind(kinds.BROADCAST))
    for (const key of epochs)
      for (const epoch of [1, 2, 3]) {
        const plaintext = openWith(frame, epochKeys(key).broadcast, groupRoute(master, epoch));
        if (plaintext !== undefined) take(frame, plaintext, key);
      }
  return opened;
}

function openWith(frame: Uint8Array, key: Uint8Array, route: Route): Uint8Array | undefined {
  const metadata = frame.slice(0, 32);
  return gcmOpen(key, metadata.slice(20), aadBytes(metadata, route), frame.slice(32));
}

function epochKeyIn(welcome: Uint8Array): Uint8Array[] {
  const body = decode(welcome);
  const isMap = typeof body === 'object' && body !== null && !Array.isArray(body) && !(body instanceof Uint8Array);
  const key = isMap ? body['key'] : undefined;
  return key instanceof Uint8Array ? [key] : [];
}
