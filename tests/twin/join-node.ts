// PROTOCOL.md, Joining: the node's side of one join.
import { join, same, u8, zero } from './bytes.ts';
import { decode } from './cbor.ts';
import type { Chance } from './chance.ts';
import {
  checkHeader,
  checkInnerKind,
  joinFrameMax,
  kinds,
  metadataBytes,
  openEnvelope,
  sealEnvelope,
} from './envelope.ts';
import { makeHello, type PinnedMaster } from './hello.ts';
import { hopKeyOf, hopProof, type Mechanism } from './hop-key.ts';
import { helloKeys, masterFingerprint, masterId, prk0, transcript1 } from './key-schedule.ts';
import { type Agreed, openOffer, openRefusal } from './offer.ts';
import { ed25519Public, mlkemKeys, x25519Public } from './primitives.ts';
import { refuseUnless } from './refused.ts';
import { readSpki, spki } from './rsa.ts';
import { type Body, checkBody } from './schemas.ts';
import { downRoute, TwinSession, upRoute } from './session.ts';

export interface TwinIdentity {
  nodeId: Uint8Array;
  identitySeed: Uint8Array;
  mechanism: Mechanism;
  /** all zero where the mechanism is NULL */
  hopSecret: Uint8Array;
  instance: Uint8Array;
}

export type NodeStep =
  | { type: 'offer'; confirm: Uint8Array }
  | { type: 'welcome'; session: TwinSession; welcome: Body }
  | { type: 'refused' };

export class TwinNodeJoin {
  readonly hello: Uint8Array;
  readonly topic: Uint8Array;
  readonly #master: PinnedMaster;
  readonly #identity: TwinIdentity;
  readonly #chance: Chance;
  readonly #secrets: Parameters<typeof openOffer>[0];
  readonly #refusalKey: Uint8Array;
  #agreed: (Agreed & { keyId: Uint8Array; offer: Uint8Array; confirm: Uint8Array }) | undefined;

  constructor(master: PinnedMaster, identity: TwinIdentity, inviteCode: Uint8Array | undefined, chance: Chance) {
    this.#master = master;
    this.#identity = identity;
    this.#chance = chance;
    const K0 = chance('K0', 32);
    const x25519Secret = chance('node x25519', 32);
    const mlkem = mlkemKeys(chance('node mlkem', 64));
    this.hello = makeHello(
      master,
      identity.identitySeed,
      {
        nodeVersion: 1,
        nodeId: identity.nodeId,
        identity: ed25519Public(identity.identitySeed),
        instance: identity.instance,
        random: chance('hello random', 32),
        x25519: x25519Public(x25519Secret),
        mlkem: mlkem.encapsulationKey,
        hopKey: hopKeyOf(identity.mechanism, identity.hopSecret),
        inviteCode: inviteCode ?? zero(16),
      },
      { K0, oaepSeed: chance('oaep seed', 32), nonce: chance('hello nonce', 12) },
    );
    const fingerprint = masterFingerprint(master.signing);
    const { joinTopic, refusal } = helloKeys(prk0(fingerprint, K0));
    this.topic = joinTopic;
    this.#refusalKey = refusal;
    const h1 = transcript1(fingerprint, spki(master.rsa), this.hello);
    this.#secrets = { signing: master.signing, h1, K0, x25519Secret, mlkemKey: mlkem.decapsulationKey };
  }

  receive(frame: Uint8Array): NodeStep {
    const kind = checkHeader(frame, [kinds.OFFER, kinds.WELCOME, kinds.REFUSAL], joinFrameMax);
    if (kind === kinds.OFFER) return this.#offer(frame);
    if (kind === kinds.WELCOME) return this.#welcome(frame);
    openRefusal(this.#master.signing, this.#refusalKey, this.#secrets.h1, frame);
    return { type: 'refused' };
  }

  #offer(frame: Uint8Array): NodeStep {
    if (this.#agreed) {
      refuseUnless(same(frame, this.#agreed.offer), 'key.unknown');
      return { type: 'offer', confirm: this.#agreed.confirm };
    }
    const agreed = openOffer(this.#secrets, frame);
    const { keys, keyId, h2 } = agreed;
    const nonce = this.#chance('confirm nonce', 12);
    const metadata = metadataBytes({ kind: kinds.CONFIRM, keyId, sequence: 1n, nonce });
    const { mechanism, hopSecret } = this.#identity;
    const proof = hopProof(mechanism, hopSecret, frame.slice(4, 36), h2);
    const confirm = sealEnvelope(keys.confirm, metadata, upRoute(this.#ids()), join(u8(kinds.CONFIRM), h2, proof));
    this.#agreed = { ...agreed, offer: frame, confirm };
    return { type: 'offer', confirm };
  }

  #welcome(frame: Uint8Array): NodeStep {
    const agreed = this.#agreed;
    const opened = openEnvelope(frame, {
      frameMax: joinFrameMax,
      kinds: [kinds.WELCOME],
      sequenceMax: 1n,
      key: (keyId) =>
        agreed && same(keyId, agreed.keyId) ? { key: agreed.keys.wrap, route: downRoute(this.#ids()) } : undefined,
    });
    checkInnerKind(opened);
    const welcome = checkBody('welcome', decode(opened.body));
    const { rsa } = welcome;
    refuseUnless(!(rsa instanceof Uint8Array) || readSpki(rsa) !== undefined, 'payload.schema');
    refuseUnless(agreed !== undefined, 'key.unknown');
    const { up, down, topic } = agreed.keys;
    const session = new TwinSession('node', { keyId: agreed.keyId, up, down, topic, ...this.#ids() });
    return { type: 'welcome', session, welcome };
  }

  #ids(): { nodeId: Uint8Array; masterId: Uint8Array } {
    return { nodeId: this.#identity.nodeId, masterId: masterId(this.#master.signing) };
  }
}
