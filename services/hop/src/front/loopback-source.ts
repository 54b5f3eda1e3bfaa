// Each connection reaches libzmq from an address of its own in 127.0.0.0/8, all of which is this machine on Linux. ZAP tells that
// address and nothing else about a connection, so by it, it is known which one asks.
import { randomInt } from 'node:crypto';

const lowest = 0x7f_01_00_00;
const highest = 0x7f_ff_ff_fe;

/** An address that `isTaken` does not know. No program of this machine can tell which one will be next. */
export function loopbackSource(isTaken: (address: string) => boolean): string {
  for (;;) {
    const number = randomInt(lowest, highest + 1);
    const address = [24, 16, 8, 0].map((shift) => (number >>> shift) & 0xff).join('.');
    if (!isTaken(address)) return address;
  }
}
