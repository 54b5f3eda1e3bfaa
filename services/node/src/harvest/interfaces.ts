import { existsSync } from 'node:fs';
import { rate } from './bounds.ts';
import { cleanName } from './clean.ts';
import { Counters } from './counters.ts';
import { readLinkName, readText } from './reading.ts';

export interface InterfaceRate {
  name: string;
  received: number;
  sent: number;
}

const maxInterfaces = 64;
const lookAgainMs = 30_000;

/**
 * Interfaces that never show traffic of the machine of its own: the loopback, and the inner sides, bridges and tunnels of
 * containers and virtual machines, of which there may be hundreds, and whose traffic with the world passes a real one and
 * is counted there.
 */
export const inward =
  /^(lo$|veth|docker|br-|podman|cni|flannel|cali|cilium|lxc|lxd|incus|virbr|vnet|tap|kube-|ifb|dummy|nlmon|tunl0|sit0|ip6tnl0|gre0|gretap0|erspan0)/;

/**
 * Bytes received and sent a second. Where there are real interfaces only those are shown: what passes a bridge, a bond, a VLAN
 * or a VPN passes a real one too, and the sum would have it twice. Where there is none (in a container) the virtual
 * ones are all there is.
 */
export class InterfaceTraffic {
  readonly #root: string;
  readonly #counters = new Counters();
  #real = new Map<string, boolean>();
  #lookAt = -Infinity;

  constructor(root: string) {
    this.#root = root;
  }

  read(now: number): InterfaceRate[] {
    if (now >= this.#lookAt) {
      this.#real = new Map();
      this.#lookAt = now + lookAgainMs;
    }
    this.#counters.begin(now);
    const lines = this.#table()
      .split('\n')
      .map((line) => ({ line, name: line.slice(0, Math.max(line.lastIndexOf(':'), 0)).trim() }))
      .filter(({ name }) => name !== '' && !inward.test(name));
    const anyReal = lines.some(({ name }) => this.#isReal(name));
    const rates: InterfaceRate[] = [];
    for (const { line, name } of lines) {
      if (rates.length === maxInterfaces) break;
      if (anyReal && !this.#isReal(name)) continue;
      // bytes, packets, errs, drop, fifo, frame, compressed, multicast received; bytes … sent
      const fields = line
        .slice(line.lastIndexOf(':') + 1)
        .trim()
        .split(/ +/);
      const [received = 0, sent = 0] = this.#counters.perSecond(name, [Number(fields[0]), Number(fields[8])]);
      rates.push({ name: cleanName(name), received: rate(received), sent: rate(sent) });
    }
    return rates;
  }

  // /proc/net is the reader's own network. In a container the machine's is that of its first process.
  #table(): string {
    const root = this.#root;
    return (root === '' ? undefined : readText(`${root}/proc/1/net/dev`)) ?? readText(`${root}/proc/net/dev`) ?? '';
  }

  #isReal(name: string): boolean {
    let real = this.#real.get(name);
    if (real === undefined) {
      const folder = `${this.#root}/sys/class/net`;
      const hasDevice = (of: string) => existsSync(`${folder}/${of}/device`);
      // A real one under a real one is a virtual function that a cloud's interface passes its traffic through.
      const above = readLinkName(`${folder}/${name}/master`);
      real = hasDevice(name) && (above === '' || !hasDevice(above));
      this.#real.set(name, real);
    }
    return real;
  }
}
