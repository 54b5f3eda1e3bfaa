// The attacker is a middle that has recorded a whole join, and sends it again: at once, when nothing of it is pending any more, after
// the master was started anew, and beside the node's own next join.
import { pendingJoinMs } from '@sealcast/channel/constants';
import { expect, test, vi } from 'vitest';
import { kinds } from '../../twin/envelope.ts';
import type { TestLink } from '../../stack/wire.ts';
import { PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { FarSite, risen, tally } from '../messages/far-site.ts';
import { stateOf } from '../messages/up-frames.ts';

const patient = { timeout: 120_000 };

/** What the master answers on the join port from now on; nobody is subscribed to it any more, so that it shows here alone. */
function answersOf({ wire }: FarSite): Buffer[] {
  const answers: Buffer[] = [];
  wire.joinPasses = (_topic, frame) => answers.push(Buffer.from(frame)) > 0;
  return answers;
}

/** Resolves when `count` of them are of that kind; gives those. */
async function answered(answers: Buffer[], kind: number, count: number): Promise<Buffer[]> {
  const ofKind = () => answers.filter((frame) => frame[2] === kind);
  await vi.waitFor(() => expect(ofKind()).toHaveLength(count), { timeout: 20_000 });
  return ofKind();
}

async function goesOn(site: FarSite, link: TestLink, text: string): Promise<void> {
  await link.answered();
  site.text(text);
  await link.hearsText(text);
}

test(
  'a replayed join gives no session, whenever it comes, and the one that lives is not touched',
  patient,
  async () => {
    await using site = await FarSite.start();
    const link = await site.opened();
    const [hello, confirm] = [site.last(kinds.HELLO), site.last(kinds.CONFIRM)];
    const [offered, welcomed] = [site.last(kinds.OFFER).frame, site.last(kinds.WELCOME).frame];
    const before = {
      nodes: site.wire.fleet.nodes().map(({ id, joinedAt }) => [id, joinedAt]),
      heard: link.count('live'),
    };
    expect(before.nodes).toHaveLength(1);

    const answers = answersOf(site);
    // At once: the same CONFIRM is answered with the same WELCOME, which is for the keys of the session that lives.
    for (const one of [confirm, confirm]) site.relay.pass(one);
    expect(await answered(answers, kinds.WELCOME, 2)).toEqual([welcomed, welcomed]);
    // The same HELLO is another join, of ephemerals that the middle never had; while it is pending, it is one.
    for (const one of [hello, hello, hello]) site.relay.pass(one);
    const offers = await answered(answers, kinds.OFFER, 3);
    expect(new Set(offers.map((offer) => offer.toString('hex'))).size).toBe(1);
    expect(offers[0]).not.toEqual(offered);
    // The key id of that join can't be read in the OFFER; under the recorded one the CONFIRM is another session's.
    expect(site.wire.fleet.refusals()['key.unknown']).toBe(0);
    await goesOn(site, link, 'after a replay at once');

    site.wire.ahead += pendingJoinMs;
    expect(await site.refusedUp([confirm, confirm])).toEqual({ 'key.unknown': 2 });
    site.relay.pass(hello);
    await answered(answers, kinds.OFFER, 4);
    expect(await site.refusedUp([confirm])).toEqual({ 'key.unknown': 1 });
    await goesOn(site, link, 'after a late replay');

    expect(tally(answers.map((frame) => String(frame[2])))).toEqual({ [kinds.OFFER]: 4, [kinds.WELCOME]: 2 });
    expect(site.wire.fleet.nodes().map(({ id, joinedAt }) => [id, joinedAt])).toEqual(before.nodes);
    expect([link.count('live'), link.count('rekeyed'), link.count('lost')]).toEqual([before.heard, 0, 0]);
  },
);

test(
  'a replayed join gives no session after a restart of the master either, where the node itself joins again',
  patient,
  async () => {
    await using site = await FarSite.start();
    const link = await site.opened();
    const [hello, confirm] = [site.last(kinds.HELLO), site.last(kinds.CONFIRM)];
    const { joinedAt } = site.wire.fleet.node(link.hex) ?? {};
    site.wire.restartAtEpoch(2);
    const answers = answersOf(site);
    expect(await site.refusedUp([confirm])).toEqual({ 'key.unknown': 1 });
    site.relay.pass(hello);
    await answered(answers, kinds.OFFER, 1);
    expect(await site.refusedUp([confirm])).toEqual({ 'key.unknown': 1 });
    expect(answers.map((frame) => frame[2])).toEqual([kinds.OFFER]);
    expect(site.wire.fleet.node(link.hex)?.state).not.toBe('alive');

    // The join that the replay left pending is in nobody's way.
    link.link.giveUp('the master was started anew');
    await link.hears(() => link.count('live') === 2);
    await goesOn(site, link, 'after the restart');
    expect(site.wire.fleet.node(link.hex)).toMatchObject({ joinedAt, cloned: null });
  },
);

test('recorded joins change nothing of what the master has, whoever they were of', () => {
  using world = new PaperFleet();
  const [known, removed] = [world.node(), world.node()];
  world.fleet.remove(removed.id, 'admin');
  const sender = new PaperNode(world);
  const recorded: Uint8Array[] = [];
  const receive = world.fleet.receiveJoin.bind(world.fleet);
  world.fleet.receiveJoin = (frame) => {
    recorded.push(Uint8Array.from(frame));
    receive(frame);
  };
  known.again().join();
  const refused = removed.again().join();
  const spent = new PaperNode(world);
  spent.join(world.invite());
  expect([refused, recorded.length]).toEqual([false, 5]);
  world.restart();
  // Nobody hears the answers.
  world.hearers.clear();
  world.clock.ms += 1000;
  const before = { state: stateOf(world), counted: world.fleet.refusals() };
  const codes = [...recorded, ...recorded].map((frame) => sender.send(frame, 'join'));
  expect(codes.filter((code) => code !== undefined)).toEqual(Array(4).fill('key.unknown'));
  expect(risen(before.counted, world.fleet.refusals())).toEqual({ 'key.unknown': 4, 'join.removed': 2 });
  expect(stateOf(world)).toEqual(before.state);
  expect(known.again().join()).toBe(true);
});
