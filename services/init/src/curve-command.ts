// `init curve`: a pair as curve_keygen of libzmq prints it, for whatever else speaks CURVE. Nothing is written to disk.
import { curveKeyPair } from 'zeromq';

/** Two lines of 40 characters of Z85 (ZeroMQ RFC 32), each below its title. */
export function curvePairText({ publicKey, secretKey } = curveKeyPair()): string {
  return `\n== CURVE PUBLIC KEY ==\n${publicKey}\n\n== CURVE SECRET KEY ==\n${secretKey}\n`;
}
