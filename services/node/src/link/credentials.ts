// What a node shows to the hop before it: by the mechanism that its master speaks.
import { encodeZ85 } from '@sealcast/channel/z85';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import type { KeptIdentity } from '../identity-file.ts';
import type { Master } from '../master-file.ts';

/** `kept` was opened for the master's mechanism. */
export function hopCredentials(
  { curve, hopSecret }: Pick<KeptIdentity, 'curve' | 'hopSecret'>,
  master: Pick<Master, 'mechanism' | 'curve'>,
): HopCredentials {
  const { mechanism } = master;
  switch (mechanism) {
    case 'curve':
      return { mechanism, ...curve, serverKey: encodeZ85(master.curve) };
    case 'plain':
      if (hopSecret === undefined) throw new Error('PLAIN needs a hop secret');
      return { mechanism, secret: hopSecret };
    case 'null':
      return { mechanism };
    default:
      return mechanism satisfies never;
  }
}
