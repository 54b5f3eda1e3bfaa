// The attacker is a middle that keeps every frame, and sends it again: twice, much later, back to whoever it came from, to another
// port, under another topic.
import { epochAfterJoinMs, overlapMs, replayWindow } from '@sealcast/channel/constants';
import type { UpMessage } from '@sealcast/channel/session';
import { MasterClock } from '@sealcast/node/link/master-clock';
import { expect, test, vi } from 'vitest';
import type { Carried } from '../../stack/false-relay.ts';
import { kinds } from '../../twin/envelope.ts';
import { PaperFleet, PaperNode } from '../../unit/master/fleet/paper-fleet.ts';
import { disguised, FarSite, refusedDown } from './far-site.ts';

const keyIdOf = ({ frame }: Carried) => frame.subarray(4, 12).toString('hex');

/** The node tells both ways of its session: a report was answered, a broadcast heard. */
async function goesOn(site: FarSite, link: Awaited<ReturnType<FarSite['opened']>>, text: string): Promise<void> {
  site.relay.meddle = (carried) => [carried];
  await link.answered();
  site.text(text);
  await link.hearsText(text);
}

test('the same sequence is taken once, on both ways and of both keys', async () => {
  await using site = await FarSite.start();
  const link = await site.opened();
  site.text('to one', [link.hex]);
  site.text('to all');
  await Promise.all(['to one', 'to all'].map((text) => link.hearsText(text)));
  await expect.poll(() => site.recorded(kinds.RECEIPT).length, { timeout: 5000 }).toBe(2);
  await link.answered();
  const ups = [...site.recorded(kinds.REPORT), ...site.recorded(kinds.RECEIPT)];
  const downs = [kinds.ACK, kinds.COMMAND, kinds.BROADCAST].flatMap((kind) => site.recorded(kind));
  const commands = site.wire.fleet.commands(10);
  expect(ups.length).toBeGreaterThan(3);
  expect(downs.length).toBeGreaterThan(3);
  expect(await site.refusedUp([...ups, ...ups])).toEqual({ 'sequence.replayed': 2 * ups.length });
  expect(await refusedDown(site, link, [...downs, ...downs])).toEqual({ 'sequence.replayed': 2 * downs.length });
  expect(site.wire.fleet.commands(10)).toEqual(commands);
  expect(link.texts.toSorted()).toEqual(['to all', 'to one']);
  await goesOn(site, link, 'after that');
});

test('what is behind the window is refused, though it never came, and what is just inside is taken once', async () => {
  using world = new PaperFleet();
  const node = world.node();
  const report: UpMessage = { kind: 'report', body: { samples: [] } };
  const [first, second] = [node.seal(report), node.seal(report)];
  for (let count = 1; count < replayWindow; count++) {
    world.clock.ms += 32;
    expect(node.say(report)).toBeUndefined();
  }
  expect(node.send(first)).toBe('sequence.replayed');
  expect(node.send(second)).toBeUndefined();
  expect(node.send(second)).toBe('sequence.replayed');

  await using site = await FarSite.start();
  const link = await site.opened();
  // The allowance of a session grows with the master's time.
  site.wire.arrives = () => {
    site.wire.ahead += 32;
    return true;
  };
  const held: Carried[] = [];
  site.relay.meddle = (carried) => {
    if (carried.frame[2] !== kinds.ACK || held.length === 2) return [carried];
    held.push(carried);
    return [];
  };
  const before = link.count('ack');
  for (let sent = 0; sent < replayWindow + 1; ) {
    const burst = Math.min(50, replayWindow + 1 - sent);
    for (let count = 0; count < burst; count++) link.report();
    sent += burst;
    await vi.waitFor(() => {
      if (link.count('ack') - before + held.length < sent) throw new Error('an ACK is missing');
    }, 5000);
  }
  const [older, newer] = held;
  if (older === undefined || newer === undefined) throw new Error('two ACKs were to be held back');
  expect(await refusedDown(site, link, [older, older])).toEqual({ 'sequence.replayed': 2 });
  const acks = link.count('ack');
  site.relay.pass(newer);
  await link.hears(() => link.count('ack') === acks + 1);
  expect(await refusedDown(site, link, [newer])).toEqual({ 'sequence.replayed': 1 });
});

test('what is of an old session is opened until its overlap is over, and then by nobody', async () => {
  await using site = await FarSite.start();
  using waits = vi.spyOn(globalThis, 'setTimeout');
  const link = await site.opened({ rekeyMs: 1100 });
  await link.hears(({ type }) => type === 'rekeyed');
  const [oldKeyId] = site.recorded(kinds.WELCOME).map(keyIdOf);
  const oldReports = site.recorded(kinds.REPORT).filter((one) => keyIdOf(one) === oldKeyId);
  const oldAck = site.recorded(kinds.ACK).find((one) => keyIdOf(one) === oldKeyId);
  await link.answered();
  const newAck = site.last(kinds.ACK);
  if (oldAck === undefined) throw new Error('nothing was said in the first session');
  expect(keyIdOf(newAck)).not.toBe(oldKeyId);
  expect(oldReports.length).toBeGreaterThan(0);

  const repeated = oldReports.slice(0, 1);
  expect(await site.refusedUp(repeated)).toEqual({ 'sequence.replayed': 1 });
  expect(await refusedDown(site, link, [oldAck])).toEqual({ 'sequence.replayed': 1 });
  expect(await refusedDown(site, link, [{ ...oldAck, topic: newAck.topic }])).toEqual({ 'key.unknown': 1 });

  // The overlap is over: at the master by its clock, at the node by its timer.
  site.wire.ahead += overlapMs;
  site.wire.fleet.tick();
  for (const [act, ms] of waits.mock.calls) if (ms === overlapMs && typeof act === 'function') act();
  expect(await site.refusedUp([...repeated, ...repeated])).toEqual({ 'key.unknown': 2 });
  expect(await refusedDown(site, link, [{ ...oldAck, topic: newAck.topic }])).toEqual({ 'key.unknown': 1 });
  await goesOn(site, link, 'under the new keys');
});

test('what is of an old epoch is opened by nobody once its overlap is over, though it never came', async () => {
  await using site = await FarSite.start();
  let skew = 0;
  const link = await site.opened({ clock: new MasterClock(() => performance.now() + skew) });
  site.text('heard');
  await link.hearsText('heard');
  const heard = site.last(kinds.BROADCAST);
  const withheld = site.withhold(({ frame }) => frame[2] === kinds.BROADCAST || frame[2] === kinds.COMMAND);
  site.text('withheld');
  const unheard = await withheld;
  site.wire.ahead += epochAfterJoinMs;
  // The node has the master's time from an ACK; and sees what it missed, asks, and gets no answer, before it is told of the epoch.
  await link.answered();
  await link.answered();
  site.wire.fleet.tick();
  await link.answered();
  expect(site.recorded(kinds.EPOCH)).toHaveLength(1);
  expect(await refusedDown(site, link, [heard])).toEqual({ 'sequence.replayed': 1 });
  await link.answered();
  skew += overlapMs;
  expect(await refusedDown(site, link, [heard, unheard])).toEqual({ 'key.unknown': 2 });
  expect(link.texts).toEqual(['heard']);
  site.relay.meddle = (carried) => [carried];
  site.text('in the new epoch');
  await link.hearsText('in the new epoch');
});

test('a frame that is reflected to its sender is refused, also under the name of a kind that the sender takes', async () => {
  await using site = await FarSite.start();
  const link = await site.opened();
  await link.answered();
  const [report, ack] = [site.last(kinds.REPORT), site.last(kinds.ACK)];
  const down = { ...report, topic: ack.topic };
  expect(await refusedDown(site, link, [down, disguised(down, { kind: kinds.ACK })])).toEqual({
    'frame.kind': 1,
    'seal.open': 1,
  });
  expect(await site.refusedUp([ack, disguised(ack, { kind: kinds.REPORT })])).toEqual({
    'frame.kind': 1,
    'seal.open': 1,
  });

  const joining = site.link();
  const offered = site.withhold(({ frame }) => frame[2] === kinds.OFFER);
  joining.link.start();
  const offer = await offered;
  const hello = { ...site.last(kinds.HELLO), topic: offer.topic };
  expect(await refusedDown(site, joining, [hello, disguised(hello, { kind: kinds.OFFER })])).toEqual({
    'frame.kind': 1,
    'frame.length': 1,
  });
  expect(await site.refusedUp([offer, disguised(offer, { kind: kinds.HELLO })])).toEqual({
    'frame.kind': 1,
    'frame.length': 1,
  });
  site.relay.meddle = (carried) => [carried];
  site.relay.pass(offer);
  await joining.hears(({ type }) => type === 'live');
  await goesOn(site, link, 'after the reflections');
});

test('a frame of one port is refused on another, also under the name of a kind that is taken there', async () => {
  await using site = await FarSite.start();
  const link = await site.opened();
  site.text('told');
  await link.hearsText('told');
  await link.answered();
  const [hello, confirm, report] = [kinds.HELLO, kinds.CONFIRM, kinds.REPORT].map((kind) => site.last(kind));
  if (!hello || !confirm || !report) throw new Error('a join was to be recorded');
  const onData = [hello, confirm].map((one) => ({ ...one, name: 'data' as const }));
  expect(await site.refusedUp(onData)).toEqual({ 'frame.kind': 2 });
  // CONFIRM has the key id of the session.
  expect(await site.refusedUp(onData.map((one) => disguised(one, { kind: kinds.REPORT })))).toEqual({
    'key.unknown': 1,
    'seal.open': 1,
  });
  const onJoin = { ...report, name: 'join' as const };
  expect(await site.refusedUp([onJoin, disguised(onJoin, { kind: kinds.CONFIRM })])).toEqual({
    'frame.kind': 1,
    'frame.length': 1,
  });

  const [offer, welcome, ack, broadcast] = [kinds.OFFER, kinds.WELCOME, kinds.ACK, kinds.BROADCAST].map((kind) =>
    site.last(kind),
  );
  if (!offer || !welcome || !ack || !broadcast) throw new Error('a session was to be recorded');
  const inSession = [offer, welcome].map((one) => ({ ...one, name: 'data' as const, topic: ack.topic }));
  expect(await refusedDown(site, link, inSession)).toEqual({ 'frame.kind': 2 });
  expect(
    await refusedDown(
      site,
      link,
      inSession.map((one) => disguised(one, { kind: kinds.COMMAND })),
    ),
  ).toEqual({
    'key.unknown': 1,
    'seal.open': 1,
  });
  const swapped = [
    { ...ack, topic: broadcast.topic },
    { ...broadcast, topic: ack.topic },
  ];
  expect(await refusedDown(site, link, swapped)).toEqual({ 'frame.kind': 2 });

  const joining = site.link();
  const offered = site.withhold(({ frame }) => frame[2] === kinds.OFFER);
  joining.link.start();
  const { topic } = await offered;
  const onJoinTopic = [ack, broadcast].map((one) => ({ ...one, name: 'join' as const, topic }));
  expect(await refusedDown(site, joining, onJoinTopic)).toEqual({ 'frame.kind': 2 });
  expect(await refusedDown(site, joining, [{ ...welcome, topic }])).toEqual({ 'key.unknown': 1 });
  await goesOn(site, link, 'after all ports');
});

test('a frame that one node said is taken under no other session', () => {
  using world = new PaperFleet();
  const [one, other] = [world.node(), world.node()];
  const frame = one.seal({ kind: 'leave', body: {} });
  const crossed = Uint8Array.from(frame);
  crossed.set(other.session?.keyId ?? [], 4);
  expect(new PaperNode(world).send(crossed)).toBe('seal.open');
  expect(world.fleet.node(other.id)?.state).toBe('alive');
  expect(one.send(frame)).toBeUndefined();
  expect(one.send(frame)).toBe('key.unknown');
});
