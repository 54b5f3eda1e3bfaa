import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemEntropy } from '@sealcast/channel/entropy';
import { MasterJoins } from '@sealcast/channel/join-master';
import { CloneWatch } from '@sealcast/master/fleet/clone-watch';
import { Enrolment } from '@sealcast/master/fleet/enrolment';
import { openStore, type Store } from '@sealcast/master/store/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chanceFrom } from '../twin/chance.ts';
import { toHex } from '../twin/bytes.ts';
import { sha256 } from '../twin/primitives.ts';
import { channelMasterKeys } from './channel-subject.ts';
import { allMet, meetAll } from './judge.ts';
import { masterOf, mechanismOf, rosterOf } from './parties.ts';
import { Vector } from './read-vectors.ts';

const nowMs = 1_800_000_000_000;
const given = Vector.file('hello').inner('given');

/** The roster and the invites of hello.json, in a master's store. */
function fill(store: Store): void {
  const { nodes, invites } = rosterOf(given);
  const soon = nowMs / 1000 + 3600;
  const draw = chanceFrom('enrolment');
  const enrol = (id: Uint8Array, identity: Uint8Array, hash: Uint8Array) => {
    store.invites.add({ hash: toHex(hash), label: 'a node', created: 1, expires: soon });
    const hopKey = toHex(draw(`CURVE key of ${toHex(id)}`, 32));
    store.roster.enrol({ id: toHex(id), identity: toHex(identity), hopKey, inviteHash: toHex(hash), at: nowMs });
  };
  for (const { nodeId, identity, removed } of nodes) {
    enrol(nodeId, identity, sha256(nodeId));
    if (removed) store.roster.setRemoved(toHex(nodeId), nowMs);
  }
  for (const { inviteHash, state } of invites) {
    if (state === 'spent') enrol(draw('who spent it', 16), draw('identity of who spent it', 32), inviteHash);
    else {
      const expires = state === 'open' ? soon : nowMs / 1000 - 1;
      store.invites.add({ hash: toHex(inviteHash), label: state, created: 1, expires });
    }
  }
}

describe("a master's store", () => {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  let store: Store;
  beforeAll(() => {
    store = openStore(join(folder, 'sealcast.db'));
    fill(store);
  });
  afterAll(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });

  function joins(vector: Vector): MasterJoins {
    const clones = new CloneWatch();
    for (const { nodeId, stays } of rosterOf(given).nodes)
      if (stays !== undefined) clones.found(toHex(nodeId), toHex(stays), nowMs);
    const enrolment = new Enrolment(store, clones, 5);
    const judge = enrolment.judge.bind(enrolment);
    return new MasterJoins(channelMasterKeys(masterOf(given)), systemEntropy, judge, () => false, {
      mechanism: mechanismOf(vector),
    });
  }

  it('lets every accepted HELLO in', () => {
    const outcome = meetAll('hello', 'accepted', (vector) => {
      expect(joins(vector).hello(vector.bytes('frame'), nowMs).refused).toBeUndefined();
    });
    expect(outcome).toEqual(allMet('hello', 'accepted'));
  });

  it('refuses every HELLO that is refused by who sent it, for the reason of the vector', () => {
    const answered = Vector.file('hello')
      .list('refused')
      .filter((vector) => vector.is('answered'));
    const codes = answered.map((vector) => joins(vector).hello(vector.bytes('frame'), nowMs).refused);
    expect(codes).toEqual(answered.map((vector) => vector.text('error')));
    expect(codes.filter((code) => /^join\.(removed|cloned|identity|invite)/.test(code ?? ''))).toHaveLength(9);
  });
});
