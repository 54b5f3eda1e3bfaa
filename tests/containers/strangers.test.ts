import { generateKeyPairSync } from 'node:crypto';
import { formatInvite, parseInvite, type Invite } from '@sealcast/channel/invite';
import { beforeAll, expect, test } from 'vitest';
import type { MasterClient } from '@sealcast/cli/api/master-client';
import { inVolume, logLine } from './docker.ts';
import { Stack } from './stack.ts';

let stack: Stack;
let client: MasterClient;
let members: string[];
let spent: Invite;

beforeAll(async () => {
  stack = await Stack.start();
  return async () => await stack[Symbol.asyncDispose]();
});
beforeAll(async () => {
  client = await stack.client();
  const nodes = await client.untilNodes(
    (all) => all.filter(({ state }) => state === 'alive').length === 3,
    AbortSignal.timeout(30_000),
  );
  members = nodes.map(({ id }) => id).toSorted();
  spent = parseInvite((await inVolume(stack.volume('nodes'), 'cat /v/invite-1')).trim());
});

/** What a node in the fleet's own network says, in the first line that `said` takes, when it comes with `invite`. */
async function comeWith(invite: Invite, said: RegExp): Promise<string> {
  const container = await stack.runNode({
    mq_invite_code: formatInvite(invite),
    mq_sub_host: 'master',
    node_name: 'stranger',
  });
  return await logLine(container, said);
}

async function freshInvite(host = 'localhost'): Promise<Invite> {
  const { body } = await client.ask('api/invites', { method: 'POST', json: { label: 'one more', host } });
  return parseInvite((JSON.parse(body) as { invite: string }).invite);
}

async function expectMembersOnly(): Promise<void> {
  expect((await client.nodes()).map(({ id }) => id).toSorted()).toEqual(members);
}

async function refusals(code: string): Promise<number> {
  const { body } = await client.ask('api/refusals');
  return (JSON.parse(body) as { counts: Record<string, number> }).counts[code] ?? 0;
}

test('a node with an invite that nobody made stays out', async () => {
  const invented = { ...spent, code: crypto.getRandomValues(new Uint8Array(16)) };
  expect(await comeWith(invented, /refused this invite/)).toContain('Make a new invite');
  expect(await refusals('join.invite')).toBeGreaterThan(0);
  await expectMembersOnly();
});

test('a node with a spent invite stays out', async () => {
  expect(await comeWith(spent, /refused this invite/)).toContain('Make a new invite');
  expect(await refusals('join.invite-spent')).toBeGreaterThan(0);
  await expectMembersOnly();
});

test("a node that holds another master's RSA key stays out", async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = { ...(await freshInvite()), rsa: publicKey.export({ format: 'der', type: 'spki' }) };
  expect(await comeWith(other, /does not answer this node/)).toContain('RSA or signing key');
  expect(await refusals('join.open')).toBeGreaterThan(0);
  await expectMembersOnly();
});

test("a node that holds another master's CURVE key stays out", async () => {
  const other = { ...(await freshInvite()), curve: crypto.getRandomValues(new Uint8Array(32)) };
  expect(await comeWith(other, /CURVE key that the invite pins/)).toContain('another master');
  await expectMembersOnly();
});

test('a node whose key file and invite are of two masters does not start', async () => {
  const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = { ...(await freshInvite()), rsa: publicKey.export({ format: 'der', type: 'spki' }) };
  const container = await stack.runNode(
    {
      mq_invite_code: formatInvite(other),
      mq_transport_pub_key: '/var/lib/sealcast/nodes/transport.pub',
    },
    { volume: stack.volume('nodes') },
  );
  expect(await logLine(container, /mq_transport_pub_key/)).toContain('not the key that the invite pins');
});

test('a node on another machine joins through the published ports', async () => {
  const invite = formatInvite(await freshInvite('127.0.0.1'));
  // The network of the machine itself: what it sees of the master is the published ports alone.
  await stack.runNode({ mq_invite_code: invite, node_name: 'far-away' }, { network: 'host' });
  const nodes = await client.untilNodes(
    (all) => all.some(({ facts, sample }) => facts?.name === 'far-away' && sample !== null),
    AbortSignal.timeout(30_000),
  );
  expect(nodes).toHaveLength(4);
});
