// A master that keeps to its keys and to nothing else: the twin's joins and sessions behind real sockets, so that a test can seal
// for a node what an honest master never would.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Invite } from '@sealcast/channel/invite';
import { decodeZ85 } from '@sealcast/channel/z85';
import { HopServer } from '@sealcast/hop/server';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair } from 'zeromq';
import { freePorts } from '../../../scripts/free-ports.ts';
import { TestLink } from '../../stack/wire.ts';
import { broadcastSigned, groupRoute } from '../../twin/broadcast.ts';
import { join, toBigInt, u8 } from '../../twin/bytes.ts';
import { encode } from '../../twin/cbor.ts';
import { kinds, metadataBytes, sealEnvelope } from '../../twin/envelope.ts';
import { epochKeys, masterId } from '../../twin/key-schedule.ts';
import { TwinMasterJoins } from '../../twin/join-master.ts';
import { ed25519Public, ed25519Sign, sha256 } from '../../twin/primitives.ts';
import { type RsaPrivate, spki } from '../../twin/rsa.ts';
import type { Body } from '../../twin/schemas.ts';
import { downRoute, type TwinSession } from '../../twin/session.ts';

/** Bytes of its own, which are no Buffer. */
export function chance(length: number): Uint8Array {
  return Uint8Array.from(randomBytes(length));
}

function newRsa(): RsaPrivate {
  const jwk = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' });
  const number = (name: 'n' | 'e' | 'd' | 'p' | 'q') => toBigInt(Buffer.from(String(jwk[name]), 'base64url'));
  return { n: number('n'), e: number('e'), d: number('d'), p: number('p'), q: number('q') };
}

export class FalseMaster implements AsyncDisposable {
  readonly epoch = { epoch: 1, key: chance(32) };
  /** What its node said, but for reports, which it acknowledges. */
  readonly heard: { kind: string; body: unknown }[] = [];
  session: TwinSession | undefined;
  readonly #signingSeed = chance(32);
  readonly #invite: Invite;
  readonly #server: HopServer;
  readonly #joins: TwinMasterJoins;
  #link: TestLink | undefined;
  #sequence = 0n;

  private constructor([dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0]: number[]) {
    const curve = curveKeyPair();
    const rsa = newRsa();
    const code = chance(16);
    const signing = ed25519Public(this.#signingSeed);
    const ports = { data: [dataIn, dataOut], join: [joinIn, joinOut] } satisfies Pick<Invite, 'data' | 'join'>;
    const keys = { rsa: spki(rsa), signing, curve: decodeZ85(curve.publicKey) };
    const expires = Math.floor(Date.now() / 1000) + 3600;
    this.#invite = { host: '127.0.0.1', mechanism: 'curve', ...ports, ...keys, code, expires };
    const roster = { nodes: [], invites: [{ inviteHash: sha256(code), state: 'open' as const }] };
    this.#joins = new TwinMasterJoins({ rsa, signingSeed: this.#signingSeed, signing }, roster, (_, length) =>
      chance(length),
    );
    this.#server = new HopServer({
      host: '127.0.0.1',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...curve },
      admits: () => true,
      open: true,
      log: createLog('test', 'silent'),
    });
  }

  /** A master and its node, which is live. */
  static async start(): Promise<{ master: FalseMaster; link: TestLink } & AsyncDisposable> {
    const master = new FalseMaster(await freePorts([0, 0, 0, 0]));
    await master.#server.start({
      join: (frame) => master.#takeJoin(Uint8Array.from(frame)),
      data: (frame) => master.#takeData(Uint8Array.from(frame)),
      refused: () => undefined,
    });
    const link = new TestLink(master.#invite, {});
    master.#link = link;
    await link.open();
    return { master, link, [Symbol.asyncDispose]: () => master[Symbol.asyncDispose]() };
  }

  get masterId(): Uint8Array {
    return masterId(this.#invite.signing);
  }

  /** A frame in the node's session: sealed as it should be, with `kind` in the clear and `inner` under the seal. */
  seal(kind: number, body: Uint8Array, inner = kind): { topic: Uint8Array; frame: Uint8Array } {
    const { keys } = this.#live();
    this.#sequence += 1n;
    const metadata = metadataBytes({ kind, keyId: keys.keyId, sequence: this.#sequence, nonce: chance(12) });
    return { topic: keys.topic, frame: sealEnvelope(keys.down, metadata, downRoute(keys), join(u8(inner), body)) };
  }

  /** A BROADCAST, signed and sealed as it should be, whatever the body. */
  broadcast(number: number, body: Uint8Array, inner: number = kinds.BROADCAST) {
    const { broadcast, epochId, epochTopic } = epochKeys(this.epoch.key);
    const place = { kind: kinds.BROADCAST, keyId: epochId, sequence: BigInt(number) };
    const metadata = metadataBytes({ ...place, nonce: chance(12) });
    const signature = ed25519Sign(this.#signingSeed, broadcastSigned(metadata, this.epoch.epoch, body));
    const route = groupRoute(this.masterId, this.epoch.epoch);
    return { topic: epochTopic, frame: sealEnvelope(broadcast, metadata, route, join(u8(inner), signature, body)) };
  }

  publish({ topic, frame }: { topic: Uint8Array; frame: Uint8Array }): void {
    this.#server.outlet.data(topic, frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#link?.stop();
    await this.#server.stop();
  }

  #live(): TwinSession {
    if (this.session === undefined) throw new Error('no node has joined');
    return this.session;
  }

  #takeJoin(frame: Uint8Array): void {
    const reply =
      frame[2] === kinds.HELLO ? this.#joins.hello(frame) : this.#joins.confirm(frame, { ...this.#welcome() });
    this.session = reply.session ?? this.session;
    this.#server.outlet.join(reply.topic, reply.frame);
  }

  #takeData(frame: Uint8Array): void {
    const { kind, body } = this.#live().open(frame);
    if (kind !== 'REPORT') this.heard.push({ kind, body });
    else this.publish(this.seal(kinds.ACK, encode({ through: 0, head: 0, epoch: 1, time: Date.now() })));
  }

  #welcome(): Body {
    return { ...this.epoch, head: 0, through: 0, time: Date.now(), interval: 5 };
  }
}
