// The twin, judged by its own vectors: that they say what they mean, and that it takes what it makes.
import { formatInvite, parseInvite } from '../twin/invite.ts';
import { TwinBroadcastReader, sealBroadcast } from '../twin/broadcast.ts';
import { TwinAllowance } from '../twin/allowance.ts';
import { same, zero } from '../twin/bytes.ts';
import { decode, encode } from '../twin/cbor.ts';
import { formatHop, parseHop } from '../twin/hop-line.ts';
import { TwinMasterJoins, type TwinReply } from '../twin/join-master.ts';
import { TwinNodeJoin } from '../twin/join-node.ts';
import {
  epochKeys,
  helloKeys,
  hopProofOf,
  joinKeys,
  masterFingerprint,
  masterId,
  prk,
  prk0,
  transcript1,
  transcript2,
} from '../twin/key-schedule.ts';
import { sha256 } from '../twin/primitives.ts';
import { Refused } from '../twin/refused.ts';
import { ReplayWindow } from '../twin/replay-window.ts';
import { checkRotate, makeRotate } from '../twin/rotation.ts';
import { readSpki, rsaFromPrimes, spki, type RsaPrivate } from '../twin/rsa.ts';
import { checkBody } from '../twin/schemas.ts';
import { downKinds, TwinSession, upKinds } from '../twin/session.ts';
import { rsaPrimes } from '../twin/vectors/rsa-primes.ts';
import { fromZ85, toZ85 } from '../twin/z85.ts';
import type { MasterSecretKeys, ReplySubject, SessionSubject, Subject } from './subject.ts';

/** The twin reads no PKCS #8; it knows the few keys there are. */
function twinRsa(secrets: { rsaPublicKeySpki: Uint8Array }): RsaPrivate {
  const key = rsaPrimes
    .map((primes) => rsaFromPrimes(...primes))
    .find((rsa) => same(spki(rsa), secrets.rsaPublicKeySpki));
  if (!key) throw new Error('an RSA key without known primes');
  return key;
}

function twinMasterSecrets(secrets: MasterSecretKeys) {
  const olderRsa = secrets.older ? [twinRsa(secrets.older)] : [];
  return { rsa: twinRsa(secrets), olderRsa, signingSeed: secrets.signingSeed, signing: secrets.signingPublicKey };
}

/** @param nonces one for each message, in order; taken again from the first when they run out */
function twinSession(session: TwinSession, nonces: Uint8Array[]): SessionSubject {
  let sealed = 0;
  return {
    topic: session.keys.topic,
    seal(kind, body) {
      const name = [...upKinds, ...downKinds].find((one) => one === kind);
      const nonce = nonces[sealed++ % nonces.length];
      if (body instanceof Uint8Array && nonce) return session.sealOther(body, nonce);
      if (!name || !nonce || body instanceof Uint8Array) throw new Error(`no nonce for ${kind}`);
      return session.seal(name, body, nonce);
    },
    open: (frame) => session.open(frame),
  };
}

/** Chance whose labels begin with these. */
function labelled(draws: Record<string, Uint8Array>) {
  return (label: string) => {
    const found = Object.entries(draws).find(([name]) => label.startsWith(name));
    if (!found) throw new Error(`nothing drawn for ${label}`);
    return found[1];
  };
}

function asReply({ topic, frame, refused, session }: TwinReply): ReplySubject {
  return { topic, frame, refused, session: session && twinSession(session, [sha256(frame).slice(0, 12)]) };
}

export const twin: Subject = {
  name: 'twin',
  encodeCbor: encode,
  decodeCbor: decode,
  decodeBody: (schema, bytes) => checkBody(schema, decode(bytes)),
  formatInvite,
  parseInvite,
  formatHop,
  parseHop,
  toZ85,
  fromZ85,
  masterFingerprint,
  masterId,
  firstKeys: (fingerprint, K0) => helloKeys(prk0(fingerprint, K0)),
  h1: transcript1,
  h2: transcript2,
  hopProof: hopProofOf,
  joinKeys: (h2, K0, x25519, mlkem) => joinKeys(prk(h2, K0, x25519, mlkem)),
  epochKeys,
  replayWindow() {
    const window = new ReplayWindow();
    return (sequence) => {
      try {
        window.take(BigInt(sequence));
        return true;
      } catch {
        return false;
      }
    };
  },
  session: (end, secrets, nonces, other) => twinSession(new TwinSession(end, secrets, other), nonces),
  allowance(nowMs) {
    const allowance = new TwinAllowance(nowMs);
    return (at) => allowance.take(at);
  },
  makeRotate,
  checkRotate,
  reader: (signingPublicKey) => new TwinBroadcastReader(signingPublicKey),
  broadcasts(secrets, epoch, nonces) {
    let sealed = 0;
    return (number, command) => {
      const nonce = nonces[sealed++];
      if (!nonce) throw new Error('no nonce left');
      return sealBroadcast(secrets.signingSeed, epoch, number, command, nonce);
    };
  },
  node(secrets, draws) {
    const rsa = readSpki(secrets.rsaPublicKeySpki);
    if (!rsa) throw new Error('no RSA key');
    const chance = labelled({
      K0: draws.K0,
      'oaep seed': draws.oaepSeed,
      'node x25519': draws.x25519Private,
      'node mlkem': draws.mlkemSeed,
      'hello random': draws.random,
      'hello nonce': draws.nonce,
      'confirm nonce': draws.confirmNonce,
    });
    const code = same(secrets.inviteCode, zero(16)) ? undefined : secrets.inviteCode;
    const joining = new TwinNodeJoin({ rsa, signing: secrets.signingPublicKey }, secrets, code, chance);
    return {
      hello: joining.hello,
      topic: joining.topic,
      receive(frame) {
        const step = joining.receive(frame);
        return step.type === 'welcome'
          ? { ...step, session: twinSession(step.session, [sha256(frame).slice(0, 12)]) }
          : step;
      },
    };
  },
  master(secrets, roster, draws) {
    const chance = labelled({
      'refusal nonce': draws.offerNonce,
      'key id': draws.keyId,
      'master x25519': draws.x25519Private,
      'mlkem randomness': draws.mlkemRandomness,
      'offer nonce': draws.offerNonce,
      'welcome nonce': draws.welcomeNonce,
    });
    const joins = new TwinMasterJoins(twinMasterSecrets(secrets), roster, chance, secrets.mechanism);
    return {
      get pending() {
        return joins.pending;
      },
      hello: (frame) => asReply(joins.hello(frame)),
      confirm: (frame, welcome) => asReply(joins.confirm(frame, welcome)),
    };
  },
  codeOf: (error) => (error instanceof Refused ? error.code : undefined),
};
