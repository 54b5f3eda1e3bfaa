import { parseInvite } from '@sealcast/channel/invite';
import { readFileSync, rmSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { hashCode, readInviteList } from '@sealcast/init/invite-list';
import { Place } from './place.ts';

const first = new Place();
let place: Place;

beforeAll(async () => {
  await first.init({ settings: { init_nodes: '2' } });
});
afterAll(() => first[Symbol.dispose]());
beforeEach(() => {
  place = first.copy();
});
afterEach(() => place[Symbol.dispose]());

function list() {
  return readInviteList(readFileSync(place.at('keys/invites.json')));
}

function words(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

test('for more nodes, only the invites that are missing are made', async () => {
  const before = list();
  const invites = [place.read('nodes/invite-1'), place.read('nodes/invite-2')];
  const { code, stdout } = await place.init({ settings: { init_nodes: '4' } });
  expect(code).toBe(0);
  expect([place.read('nodes/invite-1'), place.read('nodes/invite-2')]).toEqual(invites);
  expect(list().slice(0, 2)).toEqual(before);
  expect(
    list()
      .slice(2)
      .map(({ label, hash }) => [label, hash]),
  ).toEqual(
    [3, 4].map((number) => [`node-${number}`, hashCode(parseInvite(place.read('nodes', `invite-${number}`)).code)]),
  );
  expect(stdout).toMatch(/invites\.json .* extended +0600 +4 invites/);
  expect(stdout).toMatch(/invite-3 to 4 .* made/);
  expect(place.mode('keys/invites.json')).toBe('0600');
});

test('what others have written into the list stays in it', async () => {
  const others = [...list(), { hash: 'ab'.repeat(32), expires: 1, label: 'shed', remark: 'x' }];
  place.write('keys/invites.json', JSON.stringify(others));
  await place.init({ settings: { init_nodes: '3' } });
  expect(list().slice(0, 3)).toEqual(others);
  expect(list()[3]).toMatchObject({ label: 'node-3' });
});

test('for fewer nodes, nothing is taken away', async () => {
  const before = place.snapshot();
  expect((await place.init({ settings: { init_nodes: '0' } })).code).toBe(0);
  expect(place.snapshot()).toEqual(before);
});

test('for a node that is left out no invite is made, and one that is there stays as it is', async () => {
  using some = new Place();
  const invites = () => some.names('nodes').filter((name) => name.startsWith('invite-'));
  await some.init({ settings: { demo_nodes: '0', demo_node_3: '1' } });
  expect(invites()).toEqual(['invite-3']);
  const third = some.read('nodes/invite-3');
  expect((await some.init({ settings: { demo_node_2: '0', demo_node_3: '0' } })).code).toBe(0);
  expect(invites()).toEqual(['invite-1', 'invite-3']);
  expect(some.read('nodes/invite-3')).toBe(third);
  const listed = readInviteList(readFileSync(some.at('keys/invites.json')));
  expect(listed.map(({ label }) => label)).toEqual(['node-3', 'node-1']);
});

test('an invite that was deleted is not made again', async () => {
  rmSync(place.at('nodes/invite-1'));
  const before = place.snapshot();
  const { code, stdout } = await place.init({ settings: { init_nodes: '2' } });
  expect(code).toBe(0);
  expect(words(stdout)).toContain(`Note: invite-1 in ${place.at('nodes')}: no longer there, and not made again.`);
  expect(place.snapshot()).toEqual(before);
});

test('expired invites are kept', async () => {
  const before = place.snapshot();
  const { code, stdout } = await place.init({
    settings: { init_nodes: '2' },
    preload: clock(new Date(Date.now() + 30 * 86_400_000).toISOString()),
  });
  expect(code).toBe(0);
  expect(stdout).toMatch(/invite-1 to 2 .* kept +0600 +expired on \d{4}-/);
  expect(place.snapshot()).toEqual(before);
});

test('an invite that leads elsewhere than the settings is kept, with a note', async () => {
  const before = place.snapshot();
  const { stdout } = await place.init({ settings: { init_nodes: '2', mq_public_host: 'new.lan' } });
  expect(words(stdout)).toContain(`invite-1 to invite-2 in ${place.at('nodes')}: made for another host, other ports`);
  expect(place.snapshot()).toEqual(before);
});

test('an invite for keys that were made anew is kept, with a warning', async () => {
  for (const file of ['keys/signing.pem', 'keys/signing.pub', 'nodes/signing.pub']) rmSync(place.at(file));
  const { code, stdout } = await place.init({ settings: { init_nodes: '2' } });
  expect(code).toBe(0);
  expect(words(stdout)).toContain('made for other keys than the master has, so no node can join with it.');
});

test('an invite that the list does not know is kept, with a note', async () => {
  place.write('keys/invites.json', '[]\n');
  const before = place.snapshot();
  const { stdout } = await place.init({ settings: { init_nodes: '2' } });
  expect(words(stdout)).toContain('not in invites.json. Kept, and good only if the master knows it from elsewhere.');
  expect(place.snapshot()).toEqual(before);
});

test('invites for localhost say that they are for this machine', async () => {
  const { stdout } = await place.init({ settings: { init_nodes: '3' } });
  expect(words(stdout)).toContain(
    `invite-3 in ${place.at('nodes')}: good for nodes on this machine alone, since mq_public_host is localhost.`,
  );
});

test('where no invite is asked for, the list is empty', async () => {
  using none = new Place();
  await none.init({ settings: { init_nodes: '0' } });
  expect(none.read('keys/invites.json')).toBe('[]\n');
  expect(none.names('nodes')).toEqual(['curve.pub', 'signing.pub', 'tls-ca.crt', 'transport.pub']);
});

test('with a clock that was never set, nothing dated is made', async () => {
  using empty = new Place();
  const { code, stderr } = await empty.init({ preload: clock('1970-01-01T00:05:00Z') });
  expect(code).toBe(1);
  expect(words(stderr)).toContain(
    "this machine's clock says 1970-01-01; certificates and invites made now would be good for nothing.",
  );
  expect(empty.names('.')).toEqual([]);
});

test('with a clock that was never set, what is there is good enough to start', async () => {
  const before = place.snapshot();
  const { code, stdout } = await place.init({ settings: { init_nodes: '2' }, preload: clock('1970-01-01T00:05:00Z') });
  expect(code).toBe(0);
  expect(words(stdout)).toContain('is not valid before');
  expect(place.snapshot()).toEqual(before);
});

/** A module that sets the clock of the process that loads it. */
function clock(time: string): string {
  const code = `const Real = Date; globalThis.Date = class extends Real { constructor(...a) { super(...(a.length ? a : ['${time}'])); } };`;
  return `data:text/javascript,${encodeURIComponent(code)}`;
}

test.each(['plain', 'null'])('under %s, invites say so and pin no CURVE key', async (mechanism) => {
  using own = new Place();
  expect(await own.init({ settings: { mq_mechanism: mechanism } })).toMatchObject({ code: 0, stderr: '' });
  const invite = parseInvite(own.read('nodes/invite-1'));
  expect(invite.mechanism).toBe(mechanism);
  expect(Buffer.from(invite.curve)).toEqual(Buffer.alloc(32));
  const later = await own.init({ settings: { mq_mechanism: mechanism } });
  expect(later.stdout).not.toContain('made for other keys');
  expect(later.stdout).not.toContain('another mechanism');
});

test('invites of another mechanism than the settings now say are told of', async () => {
  using own = new Place();
  await own.init();
  const later = await own.init({ settings: { mq_mechanism: 'plain' } });
  expect(words(later.stdout)).toContain('or another mechanism than the settings now say');
});

test('a mechanism that there is not is told with those that there are', async () => {
  using own = new Place();
  const run = await own.init({ settings: { mq_mechanism: 'tls' } });
  expect(run.code).toBe(1);
  expect(run.stderr).toContain('write one of curve, plain, null');
});
