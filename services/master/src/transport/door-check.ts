// The master tries its own data port with a key that nobody has admitted. ZAP fails open when it is set up wrongly, so that
// it is closed has to be seen, not believed.
import { curveKeyPair, Push } from 'zeromq';

const patienceMs = 5000;

/** `serverKey` in Z85. Throws where the door opens, and where nothing answers at all. */
export async function proveDataDoorClosed(endpoint: string, serverKey: string): Promise<void> {
  const stranger = curveKeyPair();
  const canary = new Push({
    linger: 0,
    curvePublicKey: stranger.publicKey,
    curveSecretKey: stranger.secretKey,
    curveServerKey: serverKey,
  });
  const { promise, resolve } = Promise.withResolvers<'opened' | 'refused' | 'silent'>();
  canary.events.on('handshake', () => resolve('opened'));
  canary.events.on('handshake:error:auth', () => resolve('refused'));
  const patience = setTimeout(() => resolve('silent'), patienceMs);
  try {
    canary.connect(endpoint);
    const outcome = await promise;
    if (outcome === 'opened') throw new Error('the data port let an unknown key in: the master will not run like this');
    if (outcome === 'silent') throw new Error(`the data port did not answer within ${patienceMs / 1000} s`);
  } finally {
    clearTimeout(patience);
    canary.close();
  }
}
