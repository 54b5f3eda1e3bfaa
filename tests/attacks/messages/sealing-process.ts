// Seals as fast as it can, under keys that it is given, until it is killed: the metadata of each frame goes to standard output.
import { systemEntropy } from '@sealcast/channel/entropy';
import { Session, type SessionKeys } from '@sealcast/channel/session';

const burst = 250;

function isKeys(message: unknown): message is SessionKeys {
  return typeof message === 'object' && message !== null && 'role' in message && 'keyId' in message;
}

process.once('message', (message) => {
  if (!isKeys(message)) throw new Error('the keys of a session were expected');
  const session = new Session(message, systemEntropy);
  const seal = () => {
    const frames = Array.from({ length: burst }, () => session.seal({ kind: 'leave', body: {} }).subarray(0, 32));
    process.stdout.write(Buffer.concat(frames), () => setImmediate(seal));
  };
  seal();
});
