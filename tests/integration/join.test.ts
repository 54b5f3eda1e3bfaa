import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { joinFrameMax } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { decodeZ85 } from '@sealcast/channel/z85';
import { join } from '@sealcast/node/link/join';
import { expect, test } from 'vitest';
import { curveKeyPair, Pull, XPublisher } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

/** A node joins at a master that answers its HELLO with `parts` behind the topic. What the node refused, and how it ended. */
async function joinAnsweredWith(parts: Uint8Array[]) {
  const [pullPort = 0, pubPort = 0] = await freePorts([0, 0]);
  const [server, curve] = [curveKeyPair(), curveKeyPair()];
  const secure = { linger: 0, curveServer: true, curveSecretKey: server.secretKey };
  const pull = new Pull(secure);
  const pub = new XPublisher(secure);
  await pull.bind(`tcp://127.0.0.1:${pullPort}`);
  await pub.bind(`tcp://127.0.0.1:${pubPort}`);
  const stop = new AbortController();
  const { promise: seen, resolve } = Promise.withResolvers<string>();
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey;
  const ended = join({
    master: {
      host: '127.0.0.1',
      data: [1, 2],
      join: [pullPort, pubPort],
      mechanism: 'curve',
      rsa: rsa.export({ type: 'spki', format: 'der' }),
      signing: randomBytes(32),
      curve: decodeZ85(server.publicKey),
      code: randomBytes(16),
    },
    identity: nodeIdentity(
      newIdentitySecrets(systemEntropy),
      { mechanism: 'curve', secret: decodeZ85(curve.secretKey) },
      randomBytes(16),
    ),
    keys: { mechanism: 'curve', ...curve, serverKey: server.publicKey },
    entropy: systemEntropy,
    refused: resolve,
    signal: stop.signal,
  }).catch(() => 'ended');
  const [subscription] = await pub.receive();
  await pull.receive();
  // Behind what may be cut off, something that is refused, on a connection that is still there.
  await pub.send([subscription?.subarray(1) ?? Buffer.alloc(0), ...parts]);
  const gone = pub.receive().then(() => 'cut off');
  const outcome = await Promise.race([seen, gone]);
  stop.abort();
  await ended;
  pull.close();
  pub.close();
  await gone.catch(() => undefined);
  return outcome;
}

test('a message of three frames is refused', async () => {
  expect(await joinAnsweredWith([Buffer.alloc(joinFrameMax), Buffer.alloc(1)])).toBe('frame.parts');
});

test('a message without a frame behind its topic is refused', async () => {
  expect(await joinAnsweredWith([])).toBe('frame.parts');
});

test('a frame of the largest size is taken, and whoever sends a larger one is cut off', async () => {
  expect(await joinAnsweredWith([Buffer.alloc(joinFrameMax)])).toBe('frame.version');
  expect(await joinAnsweredWith([Buffer.alloc(joinFrameMax + 1)])).toBe('cut off');
});
