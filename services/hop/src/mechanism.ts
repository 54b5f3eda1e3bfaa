// The three mechanisms of ZMTP, from both ends (PROTOCOL.md, Mechanisms). The seal is the same under all of them.
import { plainHopKey } from '@sealcast/channel/hop-key';
import type { Mechanism } from '@sealcast/channel/payloads';

/** What a client shows; CURVE keys in Z85, `secret` 32 bytes. */
export type HopCredentials =
  | { mechanism: 'curve'; publicKey: string; secretKey: string; serverKey: string }
  | { mechanism: 'plain'; secret: Uint8Array }
  | { mechanism: 'null' };

/** What a server needs; CURVE keys in Z85. Under PLAIN and NULL it has nothing of its own to show. */
export type ServerCredentials =
  | { mechanism: 'curve'; publicKey: string; secretKey: string }
  | { mechanism: Exclude<Mechanism, 'curve'> };

/** A domain of ZAP (ZeroMQ RFC 27): `join` is open to all credentials, `data` to those of nodes that have joined. */
export type ZapDomain = 'join' | 'data';

const userBytes = 8;

/** The user name that goes with a hop key under PLAIN, on the data ports. */
export function plainUser(hopKey: Uint8Array): string {
  return Buffer.from(hopKey).subarray(0, userBytes).toString('hex');
}

/** Options of a socket that connects to a port of `domain`. */
export function clientOptions(credentials: HopCredentials, domain: ZapDomain) {
  const { mechanism } = credentials;
  if (mechanism === 'null') return {};
  if (mechanism === 'curve') {
    const { publicKey, secretKey, serverKey } = credentials;
    return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey: serverKey };
  }
  if (domain === 'join') return { plainUsername: 'join', plainPassword: 'join' };
  const { secret } = credentials;
  return { plainUsername: plainUser(plainHopKey(secret)), plainPassword: Buffer.from(secret).toString('hex') };
}

/** Options of a socket that binds. A domain alone lets everybody in where no handler answers; enforced, it lets nobody in. */
export function serverOptions(credentials: ServerCredentials, domain: ZapDomain) {
  const zap = { zapDomain: domain, zapEnforceDomain: true };
  if (credentials.mechanism === 'curve') return { ...zap, curveServer: true, curveSecretKey: credentials.secretKey };
  return credentials.mechanism === 'plain' ? { ...zap, plainServer: true } : zap;
}
