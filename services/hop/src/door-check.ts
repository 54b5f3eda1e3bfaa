// A server tries its own data port with credentials that nobody has admitted. ZAP fails open when it is set up wrongly, so that
// it is closed has to be seen, not believed.
import { randomBytes } from 'node:crypto';
import { curveKeyPair, Push } from 'zeromq';
import { clientOptions, type HopCredentials, type ServerCredentials } from './mechanism.ts';

const patienceMs = 5000;

/** Throws where the door opens, and where nothing answers at all. Under NULL it stands open, and there is nothing to prove. */
export async function proveDataDoorClosed(endpoint: string, server: ServerCredentials): Promise<void> {
  const stranger = strangerTo(server);
  if (stranger === undefined) return;
  const canary = new Push({ linger: 0, ...clientOptions(stranger, 'data') });
  const { promise, resolve } = Promise.withResolvers<'opened' | 'refused' | 'silent'>();
  canary.events.on('handshake', () => resolve('opened'));
  canary.events.on('handshake:error:auth', () => resolve('refused'));
  const patience = setTimeout(() => resolve('silent'), patienceMs);
  try {
    canary.connect(endpoint);
    const outcome = await promise;
    if (outcome === 'opened') throw new Error('the data port let a stranger in: the master will not run like this');
    if (outcome === 'silent') throw new Error(`the data port did not answer within ${patienceMs / 1000} s`);
  } finally {
    clearTimeout(patience);
    canary.close();
  }
}

function strangerTo(server: ServerCredentials): HopCredentials | undefined {
  if (server.mechanism === 'curve') return { mechanism: 'curve', ...curveKeyPair(), serverKey: server.publicKey };
  return server.mechanism === 'plain' ? { mechanism: 'plain', secret: randomBytes(32) } : undefined;
}
