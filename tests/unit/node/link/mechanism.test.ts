import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { systemEntropy } from '@sealcast/channel/entropy';
import { formatInvite, type Invite } from '@sealcast/channel/invite';
import { decodeZ85 } from '@sealcast/channel/z85';
import { serverOptions, type ServerCredentials } from '@sealcast/hop/mechanism';
import { startNode } from '@sealcast/node/node';
import { nodeSettings } from '@sealcast/node/settings';
import { createLog } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import { expect, test } from 'vitest';
import { curveKeyPair, Publisher, Pull } from 'zeromq';
import { StateFolder } from '../state-folder.ts';

const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const rsa = publicKey.export({ type: 'spki', format: 'der' });
const curve = curveKeyPair();

/** The two join ports of a master that speaks `credentials`, and takes nobody further than the handshake. */
async function doors(credentials: ServerCredentials) {
  const options = { ...serverOptions(credentials, 'join'), linger: 0 };
  const [pull, pub] = [new Pull(options), new Publisher(options)];
  for (const socket of [pull, pub]) await socket.bind('tcp://127.0.0.1:*');
  const ports = [pull, pub].map((socket) => Number(socket.lastEndpoint?.split(':').at(-1)));
  return {
    ports: [ports[0] ?? 0, ports[1] ?? 0] as [number, number],
    [Symbol.dispose]: () => {
      pull.close();
      pub.close();
    },
  };
}

function inviteTo(ports: [number, number], mechanism: Invite['mechanism']): string {
  return formatInvite({
    host: '127.0.0.1',
    data: [1, 2],
    join: ports,
    mechanism,
    rsa,
    signing: randomBytes(32),
    curve: mechanism === 'curve' ? decodeZ85(curve.publicKey) : new Uint8Array(32),
    code: randomBytes(16),
    expires: 1,
  });
}

/** Why a node with that invite stays out, as it says first. */
async function warningOf(state: StateFolder, invite: string): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const told = ({ failure, msg }: { failure?: string; msg: string }) => failure !== undefined && resolve(msg);
  const log = createLog('node', 'warn', { write: (line) => told(JSON.parse(line)) });
  const node = startNode(nodeSettings({ mq_invite_code: invite, state_dir: state.path }), systemEntropy, log);
  const said = await promise;
  await node.stop();
  return said;
}

// Five seconds each, which a node gives a handshake.
test.concurrent.each([
  ['curve', { mechanism: 'null' }],
  ['plain', { mechanism: 'curve', ...curve }],
  ['null', { mechanism: 'plain' }],
] satisfies [Invite['mechanism'], ServerCredentials][])(
  'a node that was told %s tells its operator that the master speaks another mechanism',
  async (told, spoken) => {
    using state = new StateFolder();
    using master = await doors(spoken);
    expect(await warningOf(state, inviteTo(master.ports, told))).toContain(
      `speaks another mechanism than this node, which was told ${told} by its invite`,
    );
  },
  30_000,
);

test('mq_mechanism that differs from the invite stops the node before it has made an identity, and its folder is free again', () => {
  using state = new StateFolder();
  const env = { mq_invite_code: inviteTo([3, 4], 'null'), state_dir: state.path, mq_mechanism: 'curve' };
  const start = () => startNode(nodeSettings(env), systemEntropy, createLog('node', 'silent'));
  for (let attempt = 0; attempt < 2; attempt += 1) {
    expect(start).toThrow(StartError);
    expect(start).toThrow('mq_mechanism is curve, but this node was told null by its invite');
  }
  expect(existsSync(join(state.path, 'identity.json'))).toBe(false);
});

test('mq_mechanism takes three words', () => {
  expect(() => nodeSettings({ mq_mechanism: 'gssapi' })).toThrow(
    'mq_mechanism is "gssapi"; write one of curve, plain, null',
  );
});
