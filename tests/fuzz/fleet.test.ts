import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { NodeIdentity } from '@sealcast/channel/node-identity';
import type { Session } from '@sealcast/channel/session';
import { Fleet } from '@sealcast/master/fleet/fleet';
import { CommandView, NodeView } from '@sealcast/master/fleet/views';
import { createLog } from '@sealcast/runtime/log';
import * as fc from 'fast-check';
import { Check } from 'typebox/value';
import { expect, it } from 'vitest';
import type { Value } from '../twin/cbor.ts';
import { masterKeys, newNode, offered, pinned } from '../unit/channel/parties.ts';
import { scratchStore } from '../unit/master/store/scratch-store.ts';
import { upMessages } from '../vectors/arbitraries.ts';
import { fuzz } from './fuzz.ts';
import { hostileMessages } from './messages.ts';
import { carryOut, plans } from './mutation.ts';
import { helloWith, openJoin, signedHello } from './parties.ts';
import { verdictOf } from './verdict.ts';

const unheard = { state: null, since: null, lastSeen: null };

/** A whole master but for its sockets: what it sends stays here. */
function wholeMaster() {
  const scratch = scratchStore();
  const { store } = scratch;
  const clock = { ms: 1_790_000_000_000 };
  let joinFrames: Uint8Array[] = [];
  const faults: string[] = [];
  const fleet = new Fleet({
    store,
    keys: masterKeys,
    mechanism: 'curve',
    entropy: systemEntropy,
    outlet: { join: (_, frame) => void joinFrames.push(frame), data: () => undefined },
    peers: {
      drop: () => 0,
      status: () => ({ up: true, since: 0, restarts: 0 }),
      cuts: () => ({}),
      relays: () => new Set(),
    },
    log: createLog('master', 'error', { write: (line) => void faults.push(line) }),
    now: () => clock.ms,
    reportInterval: 5,
  });
  const invite = () => {
    const code = systemEntropy.bytes(16);
    const hash = createHash('sha256').update(code).digest('hex');
    const created = Math.floor(clock.ms / 1000);
    store.invites.add({ hash, label: 'x', created, expires: created + 100_000 });
    return code;
  };
  const answer = (frame: Uint8Array) => {
    joinFrames = [];
    fleet.receiveJoin(frame);
    assert.equal(joinFrames.length, 1);
    return joinFrames[0]!;
  };
  return {
    fleet,
    store,
    clock,
    invite,
    answer,
    join(identity: NodeIdentity = newNode(), code: Uint8Array | undefined = invite()): Session {
      const node = new NodeJoin(pinned, identity, code, systemEntropy);
      const step = node.receive(answer(offered(node, answer(node.hello))));
      if (step.type !== 'welcome') throw new Error(`expected a welcome, got ${step.type}`);
      return step.session;
    },
    /** What a refused message must not change, but for when its node was last heard where it proves who sent it. */
    state: (heard: boolean) =>
      JSON.stringify([fleet.nodes().map((node) => (heard ? { ...node, ...unheard } : node)), fleet.commands(10)]),
    /** What the page is told keeps to its schema, and nothing went wrong inside. */
    check() {
      for (const view of fleet.nodes()) assert.ok(Check(NodeView, view), JSON.stringify(view));
      for (const view of fleet.commands(1000)) assert.ok(Check(CommandView, view), JSON.stringify(view));
      assert.deepEqual(faults, []);
    },
    async [Symbol.asyncDispose]() {
      fleet.stop();
      scratch[Symbol.dispose]();
    },
  };
}

it('a master with its store refuses hostile joins, and nodes and invites are as they were', async () => {
  const outcomes = await fuzz('joins at a whole master', () => {
    const master = wholeMaster();
    const identity = newNode();
    master.join(identity);
    const joins = [openJoin(master.invite()), openJoin(undefined, identity), openJoin(systemEntropy.bytes(16))];
    return {
      inputs: fc.record({ plan: plans, contents: fc.boolean() }),
      take({ plan, contents }) {
        master.clock.ms += 1000;
        const join = joins[plan.of % joins.length]!;
        const plaintext = carryOut({ ...plan, of: 0 }, [join.plaintext]);
        const exact = Buffer.alloc(join.plaintext.length);
        plaintext.copy(exact);
        const frame = contents
          ? helloWith(join, signedHello(join, exact))
          : carryOut(
              plan,
              joins.map(({ node }) => node.hello),
            );
        const before = master.state(false);
        const verdict = verdictOf(() => master.fleet.receiveJoin(frame));
        assert.equal(master.state(false), before);
        return verdict;
      },
      after() {
        master.join();
        master.join(identity);
        master.check();
      },
      [Symbol.asyncDispose]: () => master[Symbol.asyncDispose](),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frame.length', 'taken']));
});

it('whatever a node that has joined says, the master keeps it in order or refuses it, and still hears it and others', async () => {
  const outcomes = await fuzz('messages at a whole master', () => {
    const master = wholeMaster();
    const identities = [newNode(), newNode()];
    const sessions = identities.map((identity) => master.join(identity));
    const rejoin = (index: number) => (sessions[index] = master.join(identities[index]));
    master.fleet.command({
      action: { type: 'text', text: 'hello' },
      targets: 'everyone',
      expiresInSeconds: 1e6,
      by: 'admin',
    });
    return {
      inputs: fc.record({
        hostile: hostileMessages(upMessages as fc.Arbitrary<[string, Value]>),
        of: fc.nat(1),
        bytes: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, plans),
      }),
      take({ hostile, of, bytes }) {
        master.clock.ms += 1000;
        const session = sessions[of]!;
        const sealed = sealedBy(session, hostile.outer, hostile.body);
        if (sealed === undefined) return 'not a kind of a node';
        const frame = bytes ? carryOut({ ...bytes, of: 0 }, [sealed]) : sealed;
        const heard = Buffer.compare(frame, sealed) === 0;
        const before = master.state(heard);
        const verdict = verdictOf(() => master.fleet.receiveData(frame));
        if (verdict !== 'taken') assert.equal(master.state(heard), before);
        // LEAVE ends a session; what comes under it then is not known.
        if (
          verdictOf(() => master.fleet.receiveData(session.seal({ kind: 'report', body: { samples: [] } }))) !== 'taken'
        )
          rejoin(of);
        assert.equal(
          verdictOf(() => master.fleet.receiveData(sessions[1 - of]!.seal({ kind: 'report', body: { samples: [] } }))),
          'taken',
        );
        return verdict;
      },
      after() {
        master.fleet.tick();
        master.check();
      },
      [Symbol.asyncDispose]: () => master[Symbol.asyncDispose](),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['taken', 'payload.encoding', 'payload.schema']));
});

function sealedBy(session: Session, kind: number, body: Uint8Array): Uint8Array | undefined {
  try {
    return session.sealEncoded(kind, body);
  } catch {
    return undefined;
  }
}
