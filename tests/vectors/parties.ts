// The parties of a join, as the files of vectors name their members.
import type { Mechanism } from '../twin/hop-key.ts';
import type { Roster } from '../twin/roster.ts';
import type { MasterDraws, MasterSecretKeys, NodeDraws, NodeSecrets, SessionSecrets } from './subject.ts';
import type { Vector } from './read-vectors.ts';

export function masterOf(given: Vector): MasterSecretKeys {
  return {
    rsaPrivateKeyPkcs8: given.bytes('rsaPrivateKeyPkcs8'),
    rsaPublicKeySpki: given.bytes('rsaPublicKeySpki'),
    older: {
      rsaPrivateKeyPkcs8: given.bytes('olderRsaPrivateKeyPkcs8'),
      rsaPublicKeySpki: given.bytes('olderRsaPublicKeySpki'),
    },
    signingSeed: given.bytes('signingSeed'),
    signingPublicKey: given.bytes('signingPublicKey'),
    mechanism: mechanismOf(given),
  };
}

/** The mechanism of a master, of a node, or of what is said to either: CURVE where a vector has none. */
export function mechanismOf(vector: Vector): Mechanism {
  const text = vector.has('mechanism') ? vector.text('mechanism') : 'curve';
  if (text === 'curve' || text === 'plain' || text === 'null') return text;
  throw new Error(`no such mechanism: ${text}`);
}

export function rosterOf(given: Vector): Roster {
  const roster = given.inner('roster');
  return {
    nodes: roster.list('nodes').map((node) => ({
      nodeId: node.bytes('nodeId'),
      identity: node.bytes('identity'),
      removed: node.is('removed'),
      stays: node.has('stays') ? node.bytes('stays') : undefined,
    })),
    invites: roster.list('invites').map((invite) => ({
      inviteHash: invite.bytes('inviteHash'),
      state: stateOf(invite.text('state')),
    })),
  };
}

function stateOf(text: string): 'open' | 'spent' | 'expired' {
  if (text === 'open' || text === 'spent' || text === 'expired') return text;
  throw new Error(`no such state of an invite: ${text}`);
}

export function nodeOf(
  node: Vector,
  master: { rsaPublicKeySpki: Uint8Array; signingPublicKey: Uint8Array },
): NodeSecrets {
  return {
    ...master,
    nodeId: node.bytes('nodeId'),
    identitySeed: node.bytes('identitySeed'),
    ...hopOf(node),
    instance: node.bytes('instance'),
    inviteCode: node.bytes('inviteCode'),
  };
}

export function hopOf(node: Vector): Pick<NodeSecrets, 'mechanism' | 'hopSecret'> {
  return { mechanism: mechanismOf(node), hopSecret: node.bytes('hopSecret') };
}

export function nodeDraws(node: Vector, confirmNonce: Uint8Array): NodeDraws {
  return {
    K0: node.bytes('K0'),
    oaepSeed: node.bytes('oaepSeed'),
    random: node.bytes('random'),
    x25519Private: node.bytes('x25519Private'),
    mlkemSeed: node.bytes('mlkemSeed'),
    nonce: node.bytes('nonce'),
    confirmNonce,
  };
}

/** @param draws as masterDraws of confirm.json */
export function masterDraws(draws: Vector, welcomeNonce: Uint8Array): MasterDraws {
  return {
    x25519Private: draws.bytes('x25519Private'),
    mlkemRandomness: draws.bytes('mlkemRandomness'),
    keyId: draws.bytes('keyId'),
    offerNonce: draws.bytes('offerNonce'),
    welcomeNonce,
  };
}

export function sessionOf(given: Vector, topic: Uint8Array): SessionSecrets {
  return {
    keyId: given.bytes('keyId'),
    up: given.bytes('upKey'),
    down: given.bytes('downKey'),
    nodeId: given.bytes('nodeId'),
    masterId: given.bytes('masterId'),
    topic,
  };
}
