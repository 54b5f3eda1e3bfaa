// The attacker is a middle that keeps new keys from a node, to have it stay with old ones: it withholds EPOCH, and the WELCOME of a
// rekeying, and brings older ones. Or the master itself comes back with an older copy of its disk.
import { commandRetryMs, epochAfterJoinMs, overlapMs } from '@sealcast/channel/constants';
import { MasterClock } from '@sealcast/node/link/master-clock';
import { expect, test } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import type { TestLink } from '../../stack/wire.ts';
import { kinds } from '../../twin/envelope.ts';
import { FarSite, refusedDown } from './far-site.ts';

/** Another epoch begins, because somebody new has joined. */
async function newEpoch(site: FarSite, link: TestLink): Promise<void> {
  await site.opened();
  site.wire.ahead += epochAfterJoinMs;
  // The node has the master's time from an ACK.
  await link.answered();
  site.wire.fleet.tick();
}

/** A broadcast is opened by the node, and not its repetition in the session. */
async function hearsBroadcast(site: FarSite, link: TestLink, text: string): Promise<void> {
  site.relay.meddle = (carried) => (carried.frame[2] === kinds.COMMAND ? [] : [carried]);
  // Its subscription may still be on its way.
  const repeat = setInterval(() => site.text(text), 200);
  await link.hearsText(text);
  clearInterval(repeat);
  site.relay.meddle = (carried) => [carried];
}

const epochOf = (link: TestLink) => link.heard.findLast((one) => one.type === 'ack')?.ack.epoch;

test('a node from which EPOCH is withheld asks until it has it, and opens nothing with the old key once the overlap is over', async () => {
  await using site = await FarSite.start();
  let skew = 0;
  const link = await site.opened({ clock: new MasterClock(() => performance.now() + skew) });
  const unheard = site.withhold(({ frame }) => frame[2] === kinds.BROADCAST || frame[2] === kinds.COMMAND);
  site.text('in the first epoch, never delivered');
  const ofFirst = await unheard;
  // ASK brings it as a COMMAND, which is withheld as well.
  await link.answered();
  await link.answered();

  const withheld: Carried[] = [];
  site.relay.meddle = (carried) => {
    if (carried.frame[2] === kinds.COMMAND) return [];
    if (carried.frame[2] !== kinds.EPOCH || withheld.length === 3) return [carried];
    withheld.push(carried);
    return [];
  };
  site.wire.ahead += epochAfterJoinMs;
  await link.answered();
  site.wire.fleet.tick();
  // A broadcast of the new epoch is nothing to a node that has the old one alone.
  site.text('in the second epoch');
  await expect.poll(() => site.recorded(kinds.BROADCAST).length, { timeout: 5000 }).toBe(1);
  expect(link.texts).toEqual([]);
  while (withheld.length < 3) await link.answered();
  expect(site.recorded(kinds.ASK).length).toBeGreaterThanOrEqual(2);
  await hearsBroadcast(site, link, 'opened');
  expect(site.recorded(kinds.EPOCH).length).toBeGreaterThan(3);
  expect(epochOf(link)).toBe(2);
  // All that was withheld comes at last, and is too late.
  await link.answered();
  skew += overlapMs;
  expect(await refusedDown(site, link, [ofFirst])).toEqual({ 'key.unknown': 1 });
  expect(link.texts).not.toContain('in the first epoch, never delivered');
  expect(link.count('lost')).toBe(0);
});

test('an EPOCH that was held back, and one that is sent again, leave the newer epoch as it is', async () => {
  await using site = await FarSite.start();
  const link = await site.opened();
  const { topic } = site.last(kinds.ACK);
  let isOpen = false;
  const held = site.withhold(({ frame, topic: to }) => frame[2] === kinds.EPOCH && to.equals(topic) && !isOpen);
  await newEpoch(site, link);
  const second = await held;
  isOpen = true;
  await newEpoch(site, link);
  await hearsBroadcast(site, link, 'in the third epoch');
  const third = site.recorded(kinds.EPOCH).findLast((one) => one.topic.equals(topic));
  if (third === undefined) throw new Error('an EPOCH was to come');
  expect(await refusedDown(site, link, [second, second, third])).toEqual({
    'epoch.rollback': 1,
    'sequence.replayed': 2,
  });
  await link.answered();
  expect(epochOf(link)).toBe(3);
  await hearsBroadcast(site, link, 'still in the third');
  expect(link.count('lost')).toBe(0);
});

test('a node from which the WELCOME of a rekeying is withheld gets it with its next CONFIRM', async () => {
  await using site = await FarSite.start();
  const link = await site.opened({ rekeyMs: 1100 });
  const welcomes = site.recorded(kinds.WELCOME).length;
  const first = site.withhold(({ frame }) => frame[2] === kinds.WELCOME);
  const withheld = await first;
  // Meanwhile the master still takes what the node says under the old keys.
  const before = site.wire.fleet.refusals();
  link.report();
  site.relay.meddle = (carried) => [carried];
  await link.hears(({ type }) => type === 'rekeyed');
  expect(site.recorded(kinds.WELCOME)[welcomes + 1]?.frame.equals(withheld.frame)).toBe(true);
  await link.answered();
  expect(site.wire.fleet.refusals()).toEqual(before);
  await hearsBroadcast(site, link, 'under the new keys');
  expect(link.count('lost')).toBe(0);
});

test('a node from which every WELCOME is withheld joins anew, and its old keys are good for nothing', async () => {
  await using site = await FarSite.start();
  const link = await site.opened({ rekeyMs: 1100 });
  await link.answered();
  const old = site.last(kinds.REPORT);
  await site.withhold(({ frame }) => frame[2] === kinds.WELCOME);
  site.wire.ahead += overlapMs;
  site.wire.fleet.tick();
  expect(await site.refusedUp([old])).toEqual({ 'key.unknown': 1 });
  const before = site.wire.fleet.refusals()['key.unknown'] ?? 0;
  const acks = link.count('ack');
  link.report();
  await expect.poll(() => site.wire.fleet.refusals()['key.unknown'], { timeout: 5000 }).toBe(before + 1);
  expect(link.count('ack')).toBe(acks);
  // What a node does when no answer comes.
  site.relay.meddle = (carried) => [carried];
  link.link.giveUp('no answer to a report');
  await link.hears(() => link.count('live') === 2);
  await link.answered();
  await hearsBroadcast(site, link, 'after it has joined anew');
  expect(await site.refusedUp([old])).toEqual({ 'key.unknown': 1 });
});

test.each(['joins anew', 'rekeys'] as const)(
  'with a master whose disk was set back a node that %s is in its epoch again, and nothing of the epochs before is opened',
  async (way) => {
    await using site = await FarSite.start();
    const link = await site.opened(way === 'rekeys' ? { rekeyMs: 1500 } : {});
    await newEpoch(site, link);
    await hearsBroadcast(site, link, 'in the second epoch');
    await newEpoch(site, link);
    await hearsBroadcast(site, link, 'in the third epoch');
    const withheld = site.withhold(({ frame }) => frame[2] === kinds.BROADCAST);
    site.text('in the third epoch, never delivered');
    const ofThird = await withheld;
    site.relay.meddle = (carried) => [carried];
    const old = [...site.recorded(kinds.BROADCAST), ...site.recorded(kinds.EPOCH), ofThird];

    const [lives, rekeys] = [link.count('live'), link.count('rekeyed')];
    site.wire.restartAtEpoch(2, 0);
    if (way === 'joins anew') {
      link.link.giveUp('no answer to a report');
      await link.hears(() => link.count('live') > lives);
    } else {
      await link.hears(() => link.count('rekeyed') > rekeys);
    }
    await link.answered();
    expect(epochOf(link)).toBe(2);
    // The numbers of broadcasts began anew too: what looks like one that was heard comes as a command.
    const text = 'in the second epoch, which is another one';
    site.text(text);
    await link.answered();
    site.wire.ahead += commandRetryMs;
    site.wire.fleet.tick();
    await link.hearsText(text);

    // Under topics that the node is subscribed to now.
    const { topic } = site.recorded(kinds.BROADCAST).at(-1) ?? ofThird;
    const inEpoch = old.filter(({ frame }) => frame[2] === kinds.BROADCAST).map((one) => ({ ...one, topic }));
    const inSession = old
      .filter(({ frame }) => frame[2] === kinds.EPOCH)
      .map((one) => ({ ...one, topic: site.last(kinds.ACK).topic }));
    expect(inEpoch.length).toBeGreaterThan(2);
    expect(await refusedDown(site, link, [...inEpoch, ...inSession])).toEqual({
      'key.unknown': inEpoch.length + inSession.length,
    });
    expect(link.texts).not.toContain('in the third epoch, never delivered');
    await link.answered();
    expect(epochOf(link)).toBe(2);
  },
);
