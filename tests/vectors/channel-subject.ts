// The fast implementation in services/channel, driven through what the master and the node use of it.
import { createPrivateKey } from 'node:crypto';
import { decodeBody } from '@sealcast/channel/body';
import { decode, encode } from '@sealcast/channel/cbor';
import { BroadcastReader, Broadcaster } from '@sealcast/channel/epoch';
import { Refusal, refusalCodes } from '@sealcast/channel/errors';
import { formatInvite, parseInvite, type Invite } from '@sealcast/channel/invite';
import { MasterJoins, type Applicant, type ConfirmReply } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import { epochKeys, firstKeys, firstTranscript, joinKeys, secondTranscript } from '@sealcast/channel/keys';
import { fingerprint, masterId, type MasterKeys } from '@sealcast/channel/master-keys';
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
  welcomeSchema,
  type Command,
  type Welcome,
} from '@sealcast/channel/payloads';
import { ReplayWindow } from '@sealcast/channel/replay-window';
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
  command: commandSchema,
};

export function channelMasterKeys(secrets: MasterSecretKeys): MasterKeys {
  const pkcs8 = Buffer.from(secrets.rsaPrivateKeyPkcs8);
  return {
    rsa: [
      { rsaPrivate: createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' }), rsaSpki: secrets.rsaPublicKeySpki },
    ],
    signingPrivate: createPrivateKey({
      key: Buffer.from(secrets.signingSeed),
      format: 'raw-private',
      asymmetricKeyType: 'ed25519',
    }),
    signingPublic: secrets.signingPublicKey,
  };
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

function node(secrets: NodeSecrets, drawn: NodeDraws): NodeSubject {
  const identity = nodeIdentity({ id: secrets.nodeId, seed: secrets.identitySeed }, secrets.hopKey, secrets.instance);
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

function asTwin({ id, identity, inviteHash }: Applicant): TwinApplicant {
  return { nodeId: id, identity, inviteHash };
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
  // The first 32 bytes are a K0 for a wrapped one that does not open.
  const bytes = [zero(32), x25519Private, keyId, offerNonce, welcomeNonce];
  const entropy = scriptedEntropy({ bytes, mlkemRandomness });
  const joins = new MasterJoins(channelMasterKeys(secrets), entropy, channelJudge(roster));
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
  joinKeys: (h2, K0, x25519, mlkem) => joinKeys(K0, x25519, mlkem, h2),
  epochKeys(key) {
    const { broadcast, keyId, topic } = epochKeys(key);
    return { broadcast, epochId: keyId, epochTopic: topic };
  },
  replayWindow() {
    const window = new ReplayWindow();
    return (sequence) => window.take(sequence);
  },
  session: (role, secrets, bytes) => channelSession(new Session({ role, ...secrets }, scriptedEntropy({ bytes }))),
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
