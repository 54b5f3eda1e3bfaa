import { decodeZ85 } from '@sealcast/channel/z85';
import { curveKeyPair, Publisher, Subscriber } from 'zeromq';
import { expect, test } from 'vitest';
import { Place } from './place.ts';

// As curve_keygen of libzmq prints it, and nothing else.
const format = /^\n== CURVE PUBLIC KEY ==\n(\S{40})\n\n== CURVE SECRET KEY ==\n(\S{40})\n$/;

test('curve prints a pair as curve_keygen does, another one each time, and writes nothing', async () => {
  using place = new Place();
  const runs = [await place.init({ args: ['curve'] }), await place.init({ args: ['curve'] })];
  for (const run of runs) expect(run).toMatchObject({ code: 0, stderr: '' });
  const pairs = runs.map(({ stdout }) => format.exec(stdout) ?? []);
  for (const [, publicKey = '', secretKey = ''] of pairs) {
    expect(decodeZ85(publicKey)).toHaveLength(32);
    expect(decodeZ85(secretKey)).toHaveLength(32);
  }
  expect(pairs[0]?.[2]).not.toBe(pairs[1]?.[2]);
  expect(place.names('.')).toEqual([]);
});

test('libzmq shakes hands with a pair that curve printed', async () => {
  using place = new Place();
  const { stdout } = await place.init({ args: ['curve'] });
  const [, publicKey = '', curveSecretKey = ''] = format.exec(stdout) ?? [];
  const publisher = new Publisher({ linger: 0, curveServer: true, curveSecretKey });
  const own = curveKeyPair();
  const subscriber = new Subscriber({
    linger: 0,
    curveServerKey: publicKey,
    curvePublicKey: own.publicKey,
    curveSecretKey: own.secretKey,
  });
  try {
    const opened = new Promise((resolve) => subscriber.events.on('handshake', () => resolve('handshake')));
    await publisher.bind('tcp://127.0.0.1:*');
    subscriber.connect(publisher.lastEndpoint ?? '');
    expect(await opened).toBe('handshake');
  } finally {
    subscriber.close();
    publisher.close();
  }
});

// The pair in the documentation of zmq_curve_keypair, as the tool of libzmq printed it.
test('a pair of libzmq, as its tool prints it, is kept and its public half found', async () => {
  using place = new Place();
  place.write('keys/curve.key', 'JTKVSB%%)wK0E.X)V>+}o?pNmC{O&4W4b!Ni{Lh6\n');
  expect(await place.init()).toMatchObject({ code: 0, stderr: '' });
  expect(place.read('keys/curve.pub')).toBe('rq:rM>}U?@Lns47E1%kR.o@n%FcmmsL/@{H8]yf7\n');
});
