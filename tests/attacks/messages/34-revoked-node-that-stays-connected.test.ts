// The attacker is a node that was removed and does not go: it has the keys of its last session and of every epoch that it was told,
// keeps its connections, makes new ones with its key, joins again, and listens to all that is published.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import type { Admin } from '../../stack/admin.ts';
import { inviteThrough, masterLine, RelayProcess, tellOf } from '../../stack/relay-process.ts';
import { Stack } from '../../stack/stack.ts';
import { kinds } from '../../twin/envelope.ts';
import { type Came, RawMember } from './raw-member.ts';

const patient = { timeout: 120_000 };
const waiting = { timeout: 20_000, interval: 50 };
/** What a removal may take, in ms. */
const grace = 1000;
const honest = ['attic', 'barn'];

interface Counted {
  counts: Record<string, number>;
  cuts: Record<string, number>;
}

function three(when: string): string[] {
  return [0, 1, 2].map((index) => `${when} ${index}`);
}

/** Resolves when both honest nodes have confirmed the broadcast. */
async function confirmedByOthers(admin: Admin, id: string): Promise<void> {
  await admin.watch(async () => {
    const receipts = (await admin.commands()).find((one) => one.id === id)?.receipts ?? [];
    const done = receipts.filter(({ outcome }) => outcome === 'done').map(({ name }) => name);
    return honest.every((name) => done.includes(name)) || undefined;
  });
}

async function honestNodes(admin: Admin): Promise<void> {
  await admin.nodesWhen(
    (nodes) => nodes.filter(({ name, sample }) => honest.includes(name ?? '') && sample).length === 2,
    60_000,
  );
}

/** Removes the node while the others are broadcast to, before, meanwhile, and for longer than it may take. Gives when the answer came. */
async function removeAmongBroadcasts(admin: Admin, gone: RawMember): Promise<{ removedAt: number; late: number }> {
  const before: string[] = [];
  for (const text of three('before')) before.push((await admin.broadcast(text)).id);
  await vi.waitFor(() => expect(gone.hasRead('before 2')).toBe(true), waiting);

  const earlier = three('meanwhile').map((text) => admin.broadcast(text));
  const removed = admin.delete(`nodes/${gone.id}`).then(() => performance.now());
  const later = three('just after').map((text) => admin.broadcast(text));
  const removedAt = await removed;
  const all = await Promise.all([...earlier, ...later]);
  for (const id of [...before, ...all.map((command) => command.id)]) await confirmedByOthers(admin, id);

  let late = 0;
  while (late < 3) {
    if (performance.now() > removedAt + grace) late += 1;
    await confirmedByOthers(admin, (await admin.broadcast(`late ${late}`)).id);
  }
  return { removedAt, late };
}

/** What came when the removal had to be done. */
function afterwards({ came }: RawMember, removedAt: number): Came[] {
  return came.filter(({ at }) => at > removedAt + grace);
}

test(
  'a revoked node that stays connected opens nothing sent after one second, and the others miss nothing',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 3, master: { report_interval: '1' } });
    const admin = await stack.signIn();
    for (const [index, name] of honest.entries()) stack.startNode(name, index + 1);
    using gone = await RawMember.join(await readFile(join(stack.folder, 'nodes', 'invite-3'), 'utf8'));
    await honestNodes(admin);
    const counted = await admin.get<Counted>('refusals');
    const reports = setInterval(() => gone.report(), 100);
    using _ = { [Symbol.dispose]: () => clearInterval(reports) };

    const { removedAt } = await removeAmongBroadcasts(admin, gone);
    expect(gone.lost).toHaveLength(2);
    for (const lostAt of gone.lost) expect(lostAt).toBeLessThan(removedAt + grace);
    expect(afterwards(gone, removedAt)).toEqual([]);
    expect(gone.hasRead('before 0')).toBe(true);
    expect(gone.hasRead('just after')).toBe(false);
    expect(gone.hasRead('late')).toBe(false);

    // What was under way when its session closed.
    const underWay = (await admin.get<Counted>('refusals')).counts['key.unknown'];

    // Its key, on connections of every kind.
    const again = [gone.connect(), gone.connect()];
    const cut = async (reason: string) =>
      ((await admin.get<Counted>('refusals')).cuts[reason] ?? 0) - (counted.cuts[reason] ?? 0);
    await vi.waitFor(async () => expect(await cut('cut.denied')).toBeGreaterThanOrEqual(2 * again.length + 2), waiting);
    expect(again.map(({ state }) => state)).toEqual(['denied', 'denied']);
    expect(await cut('cut.removed')).toBe(2);
    expect(await gone.helloAgain()).toBe('refused');
    const { counts } = await admin.get<Counted>('refusals');
    expect(counts['join.removed']).toBeGreaterThan(counted.counts['join.removed'] ?? 0);
    // Not one of its frames came through.
    expect(counts['key.unknown']).toBe(underWay);

    await confirmedByOthers(admin, (await admin.broadcast('without it')).id);
    expect(afterwards(gone, removedAt)).toEqual([]);
    expect((await admin.nodes()).map(({ name }) => name).toSorted()).toEqual(honest);
  },
);

test(
  'behind a relay, which keeps its connection, the new epoch and the closed session alone shut it out',
  patient,
  async () => {
    await using stack = await Stack.start({ invites: 1, master: { report_interval: '1' } });
    const admin = await stack.signIn();
    await using relay = await RelayProcess.start(await masterLine(admin));
    const known = await tellOf(admin, await relay.line());
    await relay.process.says('the way up is open');
    stack.startNode('attic', 1);
    stack.startNode('barn', 0, { mq_invite_code: await inviteThrough(admin, known, 'barn') });
    using gone = await RawMember.join(await inviteThrough(admin, known));
    await honestNodes(admin);
    const counted = await admin.get<Counted>('refusals');
    const said = setInterval(() => gone.report(), 100);
    using _ = { [Symbol.dispose]: () => clearInterval(said) };

    const { removedAt, late } = await removeAmongBroadcasts(admin, gone);
    clearInterval(said);
    expect(gone.lost).toEqual([]);
    // All of it passes by: the broadcasts, and what the others are told in their sessions.
    const passed = (kind: number) => afterwards(gone, removedAt).filter(({ frame }) => frame[2] === kind).length;
    await vi.waitFor(() => {
      expect(passed(kinds.BROADCAST)).toBeGreaterThanOrEqual(late);
      expect(passed(kinds.ACK)).toBeGreaterThan(0);
    }, waiting);
    const heard = afterwards(gone, removedAt);
    expect(gone.came.findLast(({ frame }) => frame[2] === kinds.EPOCH)?.plaintext).toBeUndefined();
    expect(heard.filter(({ plaintext }) => plaintext !== undefined)).toEqual([]);
    expect(gone.hasRead('before 0')).toBe(true);
    expect(gone.hasRead('just after')).toBe(false);
    expect(gone.hasRead('late')).toBe(false);

    // What it says is nobody's.
    const unknown = async () => (await admin.get<Counted>('refusals')).counts['key.unknown'] ?? 0;
    expect(await unknown()).toBeGreaterThan(counted.counts['key.unknown'] ?? 0);
    const before = await unknown();
    for (let times = 0; times < 5; times += 1) gone.report();
    await vi.waitFor(async () => expect(await unknown()).toBe(before + 5), waiting);
    expect(await gone.helloAgain()).toBe('refused');
    const { counts, cuts } = await admin.get<Counted>('refusals');
    expect(counts['join.removed']).toBeGreaterThan(counted.counts['join.removed'] ?? 0);
    expect(cuts['cut.removed'] ?? 0).toBe(counted.cuts['cut.removed'] ?? 0);
    await confirmedByOthers(admin, (await admin.broadcast('without it')).id);
    expect((await admin.nodes()).map(({ name }) => name).toSorted()).toEqual(honest);
  },
);
