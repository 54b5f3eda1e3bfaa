// The fast implementation in services/channel, driven through what the master and the node use of it.
import { createPrivateKey } from 'node:crypto';
import { Allowance } from '@sealcast/channel/allowance';
import { decodeBody } from '@sealcast/channel/body';
import { decode, encode } from '@sealcast/channel/cbor';
import { BroadcastReader, Broadcaster } from '@sealcast/channel/epoch';
import { Refusal, refusalCodes } from '@sealcast/channel/errors';
import type { HopSecret } from '@sealcast/channel/hop-key';
import { formatHop, parseHop, type Hop } from '@sealcast/channel/hop-line';
import { formatInvite, parseInvite, type Invite } from '@sealcast/channel/invite';
import { MasterJoins, type Applicant, type ConfirmReply } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import { epochKeys, firstKeys, firstTranscript, hopProofOf, joinKeys, secondTranscript } from '@sealcast/channel/keys';
import { fingerprint, masterId, type MasterKeys, type TransportKey } from '@sealcast/channel/master-keys';
import { nodeIdentity } from '@sealcast/channel/node-identity';
import {
  ackSchema,
  askSchema,
  commandSchema,
  epochSchema,
  factsSchema,
  leaveSchema,
  receiptSchema,
  reportSchema,
  rotatedSchema,
  rotateSchema,
  welcomeSchema,
  type Command,
  type Welcome,
} from '@sealcast/channel/payloads';
import { ReplayWindow } from '@sealcast/channel/replay-window';
import { makeRotate, verifyRotate } from '@sealcast/channel/rotate';
import { Session, type Message } from '@sealcast/channel/session';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { same, zero } from '../twin/bytes.ts';
import { enrol, judge, type Roster, type TwinApplicant } from '../twin/roster.ts';
import { scriptedEntropy } from './scripted-entropy.ts';
import type {
  MasterDraws,
  MasterSecretKeys,
  MasterSubject,
  NodeDraws,
  NodeSecrets,
  NodeSubject,
  ReplySubject,
  SessionSubject,
  Subject,
} from './subject.ts';

const schemas = {
  welcome: welcomeSchema,
  report: reportSchema,
  facts: factsSchema,
  receipt: receiptSchema,
  ask: askSchema,
  leave: leaveSchema,
  ack: ackSchema,
  epoch: epochSchema,
  rotate: rotateSchema,
  rotated: rotatedSchema,
  command: commandSchema,
};

export function channelMasterKeys(secrets: MasterSecretKeys): MasterKeys {
  return {
    rsa: [transportKey(secrets), ...(secrets.older ? [transportKey(secrets.older)] : [])],
    signingPrivate: createPrivateKey({
      key: Buffer.from(secrets.signingSeed),
      format: 'raw-private',
      asymmetricKeyType: 'ed25519',
    }),
    signingPublic: secrets.signingPublicKey,
  };
}

function transportKey(pair: { rsaPrivateKeyPkcs8: Uint8Array; rsaPublicKeySpki: Uint8Array }): TransportKey {
  const key = Buffer.from(pair.rsaPrivateKeyPkcs8);
  return { rsaPrivate: createPrivateKey({ key, format: 'der', type: 'pkcs8' }), rsaSpki: pair.rsaPublicKeySpki };
}

function channelSession(session: Session): SessionSubject {
  return {
    topic: session.topic,
    seal: (kind, body) => session.seal({ kind: kind.toLowerCase(), body } as unknown as Message),
    open(frame) {
      const { kind, body } = session.open(frame);
      return { kind: kind.toUpperCase(), body };
    },
  };
}

function hopOf({ mechanism, hopSecret }: Pick<NodeSecrets, 'mechanism' | 'hopSecret'>): HopSecret {
  return mechanism === 'null' ? { mechanism } : { mechanism, secret: hopSecret };
}

function node(secrets: NodeSecrets, drawn: NodeDraws): NodeSubject {
  const identity = nodeIdentity({ id: secrets.nodeId, seed: secrets.identitySeed }, hopOf(secrets), secrets.instance);
  const pinned = { rsa: secrets.rsaPublicKeySpki, signing: secrets.signingPublicKey };
  const code = same(secrets.inviteCode, zero(16)) ? undefined : secrets.inviteCode;
  const { K0, random, x25519Private, mlkemSeed, nonce, confirmNonce, oaepSeed } = drawn;
  const entropy = scriptedEntropy({ bytes: [K0, random, x25519Private, mlkemSeed, nonce, confirmNonce], oaepSeed });
  const joining = new NodeJoin(pinned, identity, code, entropy);
  return {
    hello: joining.hello,
    topic: joining.topic,
    receive(frame) {
      const step = joining.receive(frame);
      return step.type === 'welcome' ? { ...step, session: channelSession(step.session) } : step;
    },
  };
}

function asTwin({ id, identity, instance, inviteHash }: Applicant): TwinApplicant {
  return { nodeId: id, identity, instance, inviteHash };
}

function channelJudge(roster: Roster): (applicant: Applicant) => (typeof refusalCodes)[number] | undefined {
  return (applicant) => {
    const code = judge(roster, asTwin(applicant));
    return refusalCodes.find((known) => known === code);
  };
}

function asReply({ topic, frame, refused, joined }: ConfirmReply): ReplySubject {
  return { topic, frame, refused, session: joined && channelSession(joined.session) };
}

function master(secrets: MasterSecretKeys, roster: Roster, drawn: MasterDraws): MasterSubject {
  const { x25519Private, keyId, offerNonce, welcomeNonce, mlkemRandomness } = drawn;
  // The first are a K0 each for a wrapped one that does not open.
  const unopened = [zero(32), ...(secrets.older ? [zero(32)] : [])];
  const bytes = [...unopened, x25519Private, keyId, offerNonce, welcomeNonce];
  const entropy = scriptedEntropy({ bytes, mlkemRandomness });
  const { mechanism } = secrets;
  const judges = channelJudge(roster);
  const joins = new MasterJoins(channelMasterKeys(secrets), entropy, judges, () => false, { mechanism });
  return {
    get pending() {
      return joins.pending;
    },
    hello: (frame) => asReply(joins.hello(frame, 0)),
    confirm: (frame, welcome) =>
      asReply(
        joins.confirm(frame, 0, (applicant) => {
          enrol(roster, asTwin(applicant));
          return welcome as unknown as Welcome;
        }),
      ),
  };
}

export const channel: Subject = {
  name: 'channel',
  encodeCbor: encode,
  decodeCbor: decode,
  decodeBody: (schema, bytes) => decodeBody(schemas[schema], bytes),
  formatInvite: (fields) => formatInvite(fields as unknown as Invite),
  parseInvite,
  formatHop: (fields) => formatHop(fields as unknown as Hop),
  parseHop,
  allowance(nowMs) {
    const allowance = new Allowance(nowMs);
    return (at) => allowance.take(at);
  },
  makeRotate(print, id, oldSeed, newSeed) {
    const [older, newer] = [oldSeed, newSeed].map((seed) => nodeIdentity({ id, seed }, { mechanism: 'null' }, id));
    if (!older || !newer) throw new Error('expected two identities');
    return makeRotate(older, newer, print);
  },
  checkRotate: (print, { nodeId, identity }, rotate) => verifyRotate(rotate, { id: nodeId, identity }, print),
  toZ85: encodeZ85,
  fromZ85: decodeZ85,
  masterFingerprint: fingerprint,
  masterId,
  firstKeys(print, K0) {
    const { hello, refusal, topic } = firstKeys(K0, print);
    return { hello, refusal, joinTopic: topic };
  },
  h1: firstTranscript,
  h2: (h1, offer) => secondTranscript(h1, offer.subarray(0, 1124)),
  hopProof: (h2, shared) => hopProofOf(shared, h2),
  joinKeys: (h2, K0, x25519, mlkem) => joinKeys(K0, x25519, mlkem, h2),
  epochKeys(key) {
    const { broadcast, keyId, topic } = epochKeys(key);
    return { broadcast, epochId: keyId, epochTopic: topic };
  },
  replayWindow() {
    const window = new ReplayWindow();
    return (sequence) => window.take(sequence);
  },
  session: (role, secrets, bytes, other = false) =>
    channelSession(new Session({ role, ...secrets }, scriptedEntropy({ bytes }), { other })),
  reader: (signingPublicKey) => new BroadcastReader(signingPublicKey),
  broadcasts(secrets, { epoch, key }, bytes) {
    const broadcaster = new Broadcaster(channelMasterKeys(secrets), scriptedEntropy({ bytes }));
    broadcaster.begin(epoch, key);
    return (number, command) => broadcaster.seal(number, command as unknown as Command);
  },
  node,
  master,
  codeOf: (error) => (error instanceof Refusal ? error.code : undefined),
};
