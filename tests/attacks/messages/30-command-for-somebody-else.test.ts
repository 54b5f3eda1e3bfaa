// Two attackers: a middle that delivers to one node what was meant for another, and whoever holds the master's keys and seals for one
// node an order that names another.
import { encode } from '@sealcast/channel/cbor';
import { everyone } from '@sealcast/channel/ids';
import { expect, test } from 'vitest';
import { kinds } from '../../twin/envelope.ts';
import { chance, FalseMaster } from './false-master.ts';
import { disguised, FarSite, refusedDown, tally } from './far-site.ts';

function order(target: Uint8Array, text: string): Uint8Array {
  return encode({
    id: chance(16),
    target,
    issued: Date.now(),
    expires: Date.now() + 60_000,
    action: { type: 'text', text },
  });
}

test('a command for A that is delivered to B is refused there, and done by A alone', async () => {
  await using site = await FarSite.start();
  const [a, b] = [await site.opened(), await site.opened()];
  const ackOfB = site.last(kinds.ACK);
  site.text('for all');
  await Promise.all([a, b].map((link) => link.hearsText('for all')));
  const withheld = site.withhold(({ direction, frame }) => direction === 'down' && frame[2] === kinds.COMMAND);
  const id = site.text('for a', [a.hex]);
  const command = await withheld;
  const keyIdOfB = ackOfB.frame.subarray(4, 12);
  expect(command.topic.equals(ackOfB.topic)).toBe(false);

  const toB = { ...command, topic: ackOfB.topic };
  expect(await refusedDown(site, b, [toB, toB])).toEqual({ 'key.unknown': 2 });
  expect(await refusedDown(site, b, [disguised(toB, { keyId: keyIdOfB })])).toEqual({ 'seal.open': 1 });
  // To everybody, under the topic of the broadcasts.
  const { topic } = site.last(kinds.BROADCAST);
  expect(await refusedDown(site, b, [{ ...command, topic }])).toEqual({ 'frame.kind': 1 });
  expect(await refusedDown(site, b, [{ ...disguised(command, { kind: kinds.BROADCAST }), topic }])).toEqual({
    'key.unknown': 1,
  });

  const receipts = () => site.wire.fleet.commands(10).find((one) => one.id === id)?.receipts;
  expect(receipts()).toMatchObject([{ node: a.hex, outcome: 'waiting' }]);
  site.relay.meddle = (carried) => [carried];
  site.relay.pass(command);
  await a.hearsText('for a');
  await expect.poll(receipts, { timeout: 5000 }).toMatchObject([{ node: a.hex, outcome: 'done' }]);
  expect(b.texts).toEqual(['for all']);
  await b.answered();
});

test('an order that is sealed for B and names A, or everyone, is refused by B, without a receipt', async () => {
  await using here = await FalseMaster.start();
  const { master, link } = here;
  const somebodyElse = chance(16);
  master.publish(master.seal(kinds.COMMAND, order(somebodyElse, 'not yours')));
  master.publish(master.seal(kinds.COMMAND, order(everyone, 'not so')));
  master.publish(master.seal(kinds.COMMAND, order(master.masterId, 'for the master')));
  master.publish(master.broadcast(1, order(somebodyElse, 'not yours')));
  // A broadcast has everyone as its target, or nobody.
  master.publish(master.broadcast(2, order(link.id, 'yours, but not so')));
  master.publish(master.seal(kinds.COMMAND, order(link.id, 'yours')));
  master.publish(master.broadcast(3, order(everyone, "everyone's")));
  await link.hearsText('yours');
  await link.hearsText("everyone's");
  expect(link.texts).toEqual(['yours', "everyone's"]);
  const codes = link.heard.flatMap((one) => (one.type === 'refused' ? [one.code] : []));
  expect(tally(codes)).toEqual({ 'command.target': 5 });
  await expect.poll(() => master.heard.filter(({ kind }) => kind === 'RECEIPT').length, { timeout: 5000 }).toBe(2);
});
