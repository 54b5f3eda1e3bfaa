// The attacker has no invite, or one that is good for nothing any more: spent, expired, withdrawn. What every invite of the master
// pins he does have, and as many tries as he likes.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { setImmediate } from 'node:timers/promises';
import { runInNewContext } from 'node:vm';
import { systemEntropy } from '@sealcast/channel/entropy';
import { type Invite, parseInvite } from '@sealcast/channel/invite';
import { MasterJoins } from '@sealcast/channel/join-master';
import type { PinnedMaster } from '@sealcast/channel/join-node';
import { CloneWatch } from '@sealcast/master/fleet/clone-watch';
import { Enrolment } from '@sealcast/master/fleet/enrolment';
import { expect, test, vi } from 'vitest';
import { Stack } from '../../stack/stack.ts';
import { masterKeys, pinned } from '../../unit/channel/parties.ts';
import { newIdentity, PaperFleet, PaperNode, rsa } from '../../unit/master/fleet/paper-fleet.ts';
import { scratchStore } from '../../unit/master/store/scratch-store.ts';
import { openFrom } from '@sealcast/channel/seal';
import { risen, tally } from '../messages/far-site.ts';
import { stateOf } from '../messages/up-frames.ts';
import { firstKey, helloTo, Stranger } from './made-hello.ts';

const patient = { timeout: 240_000 };
const nowMs = 1_700_000_000_000;
const guesses = 10_000;
const refusalBytes = 97;

const collect = (() => {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('there is no way to collect garbage');
  return () => void gc();
})();

function hashOf(code: Uint8Array): string {
  return createHash('sha256').update(code).digest('hex');
}

/** What OpenSSL holds of a key goes a turn after the key itself. */
async function heldBytes(): Promise<number> {
  for (let turn = 0; turn < 3; turn += 1) {
    collect();
    await setImmediate();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test(
  '10,000 guesses of an invite are refused, each as the one before, and leave nothing behind; the true code is taken after them',
  patient,
  async () => {
    using scratch = scratchStore();
    const { store } = scratch;
    const code = systemEntropy.bytes(16);
    const hash = hashOf(code);
    store.invites.add({ hash, label: '', created: nowMs / 1000, expires: nowMs / 1000 + 3600 });
    const enrolment = new Enrolment(store, new CloneWatch(), 5);
    const joins = new MasterJoins(masterKeys, systemEntropy, (applicant, ms) => enrolment.judge(applicant, ms));
    const by = newIdentity();
    // Whoever guesses pays for RSA once.
    const first = firstKey(pinned);
    const guess = (inviteCode: Uint8Array) => joins.hello(helloTo(pinned, { by, first, inviteCode }).hello, nowMs);
    const lengths = new Set<number>();
    const codes: Record<string, number> = {};
    const guessMany = (count: number) => {
      for (let made = 0; made < count; made += 1) {
        // Half of them are near: the true code but for one bit.
        const near = code.with(made % 16, (code[made % 16] ?? 0) ^ (1 << (made % 8)));
        const { frame, refused = 'taken' } = guess(made % 2 === 0 ? near : systemEntropy.bytes(16));
        lengths.add(frame.length);
        codes[refused] = (codes[refused] ?? 0) + 1;
      }
    };
    guessMany(1000);
    // What V8 notes down of its own falls into one of the rounds; what a guess leaves behind is in each.
    const grown: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const before = await heldBytes();
      guessMany((guesses - 1000) / 3);
      grown.push((await heldBytes()) - before);
    }
    expect(Math.min(...grown)).toBeLessThan(300_000);
    expect(codes).toEqual({ 'join.invite': guesses });
    expect([...lengths]).toEqual([refusalBytes]);
    expect(joins.pending).toBe(0);
    expect(store.roster.all()).toEqual([]);
    expect(store.invites.find(hash)?.spentAt).toBeNull();
    expect(guess(code).refused).toBeUndefined();
    expect(joins.pending).toBe(1);
  },
);

test('a code that is unknown, withdrawn, expired or spent gets one answer, which does not say which', () => {
  using world = new PaperFleet();
  const master: PinnedMaster = { rsa: rsa.newest, signing: world.keys.signingPublic };
  const [withdrawn, late, spent] = [world.invite(), world.invite(), world.invite()];
  world.store.invites.withdraw(hashOf(withdrawn), world.clock.ms);
  const owner = new PaperNode(world);
  expect(owner.join(spent)).toBe(true);
  const sender = new PaperNode(world);

  /** What a HELLO was answered with: how many bytes, and what stood sealed in them. */
  const answersTo = ({ hello, topic, refusal }: ReturnType<typeof helloTo>) => {
    const answers: [number, string][] = [];
    world.hear(topic, (frame) => {
      const opened = openFrom(frame, 16, refusal, frame.subarray(4, 16), frame.subarray(0, 16), 'seal.open');
      answers.push([frame.length, opened.toString('hex')]);
    });
    return { send: () => sender.send(hello, 'join'), answers };
  };
  const codeOf = { unknown: systemEntropy.bytes(16), none: new Uint8Array(16), withdrawn, late, spent };
  const tries = Object.entries(codeOf).map(
    ([name, inviteCode]) => [name, answersTo(helloTo(master, { inviteCode }))] as const,
  );
  // That one expires.
  world.clock.ms += 3_600_000;
  const before = { state: stateOf(world), counted: world.fleet.refusals() };
  for (const [, { send, answers }] of tries) {
    expect(send()).toBeUndefined();
    expect(answers.map(([length]) => length)).toEqual([refusalBytes]);
  }
  expect(risen(before.counted, world.fleet.refusals())).toEqual({
    'join.invite': 3,
    'join.invite-expired': 1,
    'join.invite-spent': 1,
  });
  expect(stateOf(world)).toEqual(before.state);

  // One HELLO, under every reason in turn: what it is answered with is the same signature over the same transcript.
  const code = systemEntropy.bytes(16);
  const one = answersTo(helloTo(master, { inviteCode: code }));
  const counted = world.fleet.refusals();
  one.send();
  const seconds = Math.floor(world.clock.ms / 1000);
  world.store.invites.add({ hash: hashOf(code), label: '', created: seconds, expires: seconds + 10 });
  world.clock.ms += 10_000;
  one.send();
  world.clock.ms -= 10_000;
  expect(new PaperNode(world).join(code)).toBe(true);
  one.send();
  expect(risen(counted, world.fleet.refusals())).toEqual({
    'join.invite': 1,
    'join.invite-expired': 1,
    'join.invite-spent': 1,
  });
  expect(one.answers).toHaveLength(3);
  expect(new Set(one.answers.map(String)).size).toBe(1);
});

test(
  'at a running master some hundreds of guesses are counted, a withdrawn invite is refused, and a node joins meanwhile',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
    const admin = await stack.signIn();
    const made = await admin.post<{ id: string; invite: string }>('invites', { label: 'lost', hours: 1 });
    const withdrawn = parseInvite(made.invite);
    await admin.delete(`invites/${made.id}`);
    const counted = await admin.refusals();

    const first = firstKey(withdrawn);
    const guessOf = (inviteCode = systemEntropy.bytes(16)) => helloTo(withdrawn, { first, inviteCode }).hello;
    const joining = stack.startNode('attic', 1);
    // A connection to the join ports has bytes for a join and not for many guesses: who has more to say has to come again.
    const [strangers, each] = [24, 12];
    await Promise.all(
      Array.from({ length: strangers }, async () => {
        using stranger = await Stranger.at(withdrawn);
        await stranger.say(...Array.from({ length: each }, () => guessOf()), guessOf(withdrawn.code));
        // What waits at a connection goes with it.
        await allCounted();
      }),
    );
    async function allCounted(): Promise<void> {
      await vi.waitFor(
        async () => expect(risen(counted, await admin.refusals())).toEqual({ 'join.invite': strangers * (each + 1) }),
        { timeout: 60_000, interval: 500 },
      );
    }
    await joining.says('joined the master', 60_000);
    const [node, ...others] = await admin.nodesWhen((all) => all.some(({ sample }) => sample !== null), 60_000);
    expect([node?.name, others]).toEqual(['attic', []]);
    const { id } = await admin.broadcast('is this still one fleet?');
    expect((await admin.confirmed(id)).receipts.map(({ name }) => name)).toEqual(['attic']);

    // init's own invite is spent by now, and no use to whoever finds it.
    const spent = parseInvite(await readFile(join(stack.folder, 'nodes', 'invite-1'), 'utf8'));
    await knock(spent);
    await vi.waitFor(async () => expect((await admin.refusals())['join.invite-spent']).toBe(1), { timeout: 30_000 });
    expect(await admin.nodes()).toHaveLength(1);
  },
);

async function knock(invite: Invite): Promise<void> {
  const { hello, topic } = helloTo(invite, { inviteCode: invite.code });
  using stranger = await Stranger.at(invite, [topic]);
  await stranger.say(hello);
  await vi.waitFor(() => expect(tally(stranger.came.map(({ length }) => String(length)))).toEqual({ '97': 1 }), {
    timeout: 30_000,
  });
}
