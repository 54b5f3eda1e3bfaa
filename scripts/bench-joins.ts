// What joining costs the master, without sockets, disks or other processes, and how much of that is OpenSSL's own work.
import {
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  encapsulate,
  generateKeyPairSync,
  privateDecrypt,
  publicEncrypt,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { oaep, systemEntropy } from '@sealcast/channel/entropy';
import { MasterJoins } from '@sealcast/channel/join-master';
import { NodeJoin } from '@sealcast/channel/join-node';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import type { Welcome } from '@sealcast/channel/payloads';
import { Bench } from 'tinybench';
import { measured, type Rate, taskMs } from './bench-rates.ts';

export interface Joins {
  perSecond: number;
  steps: Rate[];
  /** Of which no join can do without one: what this machine's OpenSSL leaves of a second. */
  operations: Rate;
}

/** The public-key operations of one join on the master's side, on keys that are made already where a master has them. */
function operationsOfAJoin(): () => void {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const wrapped = publicEncrypt({ key: rsa.publicKey, ...oaep }, randomBytes(32));
  const hopKey = generateKeyPairSync('x25519').publicKey;
  const nodeX25519 = generateKeyPairSync('x25519').publicKey;
  const mlkem = generateKeyPairSync('ml-kem-768').publicKey.export({ format: 'raw-public' });
  const signing = generateKeyPairSync('ed25519');
  const signed = randomBytes(1700);
  const signature = sign(null, signed, signing.privateKey);
  return () => {
    privateDecrypt({ key: rsa.privateKey, ...oaep }, wrapped);
    verify(null, signed, signing.publicKey, signature);
    const privateKey = createPrivateKey({ key: randomBytes(32), format: 'raw-private', asymmetricKeyType: 'x25519' });
    diffieHellman({ privateKey, publicKey: nodeX25519 });
    diffieHellman({ privateKey, publicKey: hopKey });
    encapsulate(createPublicKey({ key: mlkem, format: 'raw-public', asymmetricKeyType: 'ml-kem-768' }));
    sign(null, signed, signing.privateKey);
  };
}

/** The master's side of a join. The nodes' side is prepared before each, and the roster and the disk are left out. */
export async function joins(): Promise<Joins> {
  const keys = newMasterKeys();
  const pinned = { rsa: keys.rsa[0].rsaSpki, signing: keys.signingPublic };
  const master = new MasterJoins(keys, systemEntropy, () => undefined);
  const welcome: Welcome = { epoch: 1, key: randomBytes(32), head: 0, through: 0, time: Date.now(), interval: 5 };
  const greet = () => {
    const hopSecret = { mechanism: 'curve', secret: randomBytes(32) } as const;
    const identity = nodeIdentity(newIdentitySecrets(systemEntropy), hopSecret, randomBytes(16));
    return new NodeJoin(pinned, identity, randomBytes(16), systemEntropy);
  };
  let hello: Uint8Array = new Uint8Array(0);
  let confirm: Uint8Array = new Uint8Array(0);
  const bench = new Bench({ time: taskMs });
  bench.add(
    'HELLO in, OFFER out',
    () => {
      master.hello(hello, performance.now());
    },
    {
      beforeEach: () => {
        ({ hello } = greet());
      },
    },
  );
  bench.add(
    'CONFIRM in, WELCOME out',
    () => {
      master.confirm(confirm, performance.now(), () => welcome);
    },
    {
      beforeEach: () => {
        const node = greet();
        const step = node.receive(master.hello(node.hello, performance.now()).frame);
        if (step.type !== 'offer') throw new Error(`expected an offer, got ${step.type}`);
        ({ confirm } = step);
      },
    },
  );
  bench.add("OpenSSL's operations alone", operationsOfAJoin());
  const [offer, welcomed, operations] = await measured(bench);
  if (!offer || !welcomed || !operations) throw new Error('a bench of joins was not measured');
  const perSecond = Math.round(1 / (1 / offer.perSecond + 1 / welcomed.perSecond));
  return { perSecond, steps: [offer, welcomed], operations };
}
