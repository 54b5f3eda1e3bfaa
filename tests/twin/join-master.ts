// PROTOCOL.md, Joining: the master's side. Pending joins never expire here; that is the fast one's to test.
import { join, same, u8 } from './bytes.ts';
import { encode } from './cbor.ts';
import type { Chance } from './chance.ts';
import { checkInnerKind, joinFrameMax, kinds, metadataBytes, openEnvelope, sealEnvelope } from './envelope.ts';
import { type HelloFields, type MasterSecrets, openHello } from './hello.ts';
import { canBeProven, isProven, type Mechanism } from './hop-key.ts';
import { helloKeys, type JoinKeys, masterFingerprint, masterId, prk0 } from './key-schedule.ts';
import { makeOffer, makeRefusal } from './offer.ts';
import { refuse, refuseUnless } from './refused.ts';
import { enrol, inviteHash, judge, type Roster, type TwinApplicant } from './roster.ts';
import { spki } from './rsa.ts';
import { type Body, checkBody } from './schemas.ts';
import { downRoute, TwinSession, upRoute } from './session.ts';

interface Pending {
  hello: Uint8Array;
  offer: Uint8Array;
  applicant: TwinApplicant;
  olderKey: boolean;
  refusal: () => Uint8Array;
  keyId: Uint8Array;
  hopKey: Uint8Array;
  x25519Secret: Uint8Array;
  h2: Uint8Array;
  keys: JoinKeys;
  answered: { confirm: Uint8Array; answer: Uint8Array } | undefined;
}

export interface TwinReply {
  topic: Uint8Array;
  frame: Uint8Array;
  /** the counted reason where the frame is a REFUSAL */
  refused?: string;
  session?: TwinSession;
}

export class TwinMasterJoins {
  readonly #secrets: MasterSecrets;
  readonly #roster: Roster;
  readonly #chance: Chance;
  readonly #mechanism: Mechanism;
  readonly #pending: (Pending & { topic: Uint8Array })[] = [];
  #drawn = 0;

  constructor(secrets: MasterSecrets, roster: Roster, chance: Chance, mechanism: Mechanism = 'curve') {
    this.#secrets = secrets;
    this.#roster = roster;
    this.#chance = chance;
    this.#mechanism = mechanism;
  }

  get pending(): number {
    return this.#pending.filter(({ answered }) => answered === undefined).length;
  }

  hello(frame: Uint8Array): TwinReply {
    const again = this.#pending.find((pending) => same(pending.hello, frame));
    if (again) return { topic: again.topic, frame: again.offer };
    const { K0, olderKey, h1, fields, fault } = openHello(this.#secrets, frame);
    const { joinTopic, refusal } = helloKeys(prk0(masterFingerprint(this.#secrets.signing), K0));
    const refuseIt = () => makeRefusal(this.#secrets.signingSeed, refusal, h1, this.#draw('refusal nonce', 12));
    const applicant = applicantOf(fields);
    const { hopKey } = fields;
    const refused =
      fault ?? judge(this.#roster, applicant) ?? (canBeProven(this.#mechanism, hopKey) ? undefined : 'join.key');
    if (refused) return { topic: joinTopic, frame: refuseIt(), refused };
    const keyId = this.#draw('key id', 8);
    const x25519Secret = this.#draw('master x25519', 32);
    const {
      frame: offer,
      h2,
      keys,
    } = makeOffer(
      this.#secrets.signingSeed,
      { h1, K0, x25519: fields.x25519, mlkem: fields.mlkem },
      {
        x25519Secret,
        mlkemRandomness: this.#draw('mlkem randomness', 32),
        keyId,
        nonce: this.#draw('offer nonce', 12),
      },
    );
    this.#pending.push({
      hello: frame,
      offer,
      topic: joinTopic,
      applicant,
      olderKey,
      refusal: refuseIt,
      keyId,
      hopKey,
      x25519Secret,
      h2,
      keys,
      answered: undefined,
    });
    return { topic: joinTopic, frame: offer };
  }

  confirm(frame: Uint8Array, welcome: Body): TwinReply {
    const find = (keyId: Uint8Array) => this.#pending.find((pending) => same(pending.keyId, keyId));
    const opened = openEnvelope(frame, {
      frameMax: joinFrameMax,
      kinds: [kinds.CONFIRM],
      sequenceMax: 1n,
      key: (keyId) => {
        const pending = find(keyId);
        return pending && { key: pending.keys.confirm, route: upRoute(this.#ids(pending.applicant)) };
      },
    });
    const pending = find(opened.keyId) ?? refuse('key.unknown');
    const { topic, applicant, keyId, keys, answered } = pending;
    if (answered) {
      refuseUnless(same(answered.confirm, frame), 'sequence.replayed');
      return { topic, frame: answered.answer };
    }
    checkInnerKind(opened);
    refuseUnless(same(opened.body.slice(0, 32), pending.h2), 'join.confirm');
    const isOwn = this.#provesHopKey(pending, opened.body.slice(32));
    const refused = isOwn ? judge(this.#roster, applicant) : 'join.key';
    if (refused) {
      pending.answered = { confirm: frame, answer: pending.refusal() };
      return { topic, frame: pending.answered.answer, refused };
    }
    enrol(this.#roster, applicant);
    const metadata = metadataBytes({
      kind: kinds.WELCOME,
      keyId,
      sequence: 1n,
      nonce: this.#draw('welcome nonce', 12),
    });
    const plaintext = join(u8(kinds.WELCOME), encode(checkBody('welcome', this.#withNewestRsa(welcome, pending))));
    const answer = sealEnvelope(keys.wrap, metadata, downRoute(this.#ids(applicant)), plaintext);
    pending.answered = { confirm: frame, answer };
    const session = new TwinSession('master', {
      keyId,
      up: keys.up,
      down: keys.down,
      topic: keys.topic,
      ...this.#ids(applicant),
    });
    return { topic, frame: answer, session };
  }

  #provesHopKey({ hopKey, x25519Secret, h2 }: Pending, proof: Uint8Array): boolean {
    return isProven(this.#mechanism, hopKey, x25519Secret, h2, proof);
  }

  #withNewestRsa(welcome: Body, { olderKey }: Pending): Body {
    return olderKey ? { ...welcome, rsa: spki(this.#secrets.rsa) } : welcome;
  }

  #ids({ nodeId }: TwinApplicant): { nodeId: Uint8Array; masterId: Uint8Array } {
    return { nodeId, masterId: masterId(this.#secrets.signing) };
  }

  #draw(label: string, length: number): Uint8Array {
    this.#drawn += 1;
    return this.#chance(`${label} ${this.#drawn}`, length);
  }
}

function applicantOf({ nodeId, identity, instance, inviteCode }: HelloFields): TwinApplicant {
  return { nodeId, identity, instance, inviteHash: inviteHash(inviteCode) };
}
