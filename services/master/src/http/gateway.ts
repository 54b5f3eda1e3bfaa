import { readFileSync } from 'node:fs';
import { StartError } from '@sealcast/runtime/run';

/** The IPv4 address of the default route: inside a container, that of the machine. Throws StartError where there is none. */
export function gatewayAddress(table = readFileSync('/proc/net/route', 'latin1')): string {
  // Iface, destination, gateway …; addresses as hexadecimal digits, the lowest byte first on every processor that we run on.
  const routes = table.split('\n').map((line) => line.split('\t'));
  const gateway = routes.find(([, destination, via]) => destination === '00000000' && via !== '00000000')?.[2];
  if (gateway === undefined)
    throw new StartError(
      'server_behind_proxy is gateway, and this machine has no default route; write the address of the proxy instead',
    );
  return [...Buffer.from(gateway, 'hex')].toReversed().join('.');
}
