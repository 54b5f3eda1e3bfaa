import { networkInterfaces } from 'node:os';
import { inward } from './interfaces.ts';
import { readText } from './reading.ts';

const maxAddresses = 64;
// A router's table may hold every network there is.
const maxTableBytes = 1 << 20;

/** Addresses that the machine can be reached at: those of the Internet first, then private ones; IPv4 before IPv6. */
export function readAddresses(root: string): string[] {
  const addresses = [...(root === '' ? ownIpv4() : hostIpv4(root)), ...ipv6(root)];
  const ranked = [...new Set(addresses)].filter((address) => rank(address) < unreachable);
  return ranked.toSorted((a, b) => rank(a) - rank(b)).slice(0, maxAddresses);
}

const unreachable = 2;

// RFC 6890: loopback, link-local and unspecified ones say nothing to others.
function rank(address: string): number {
  if (/^(0\.|127\.|169\.254\.|::1?$|fe[89ab])/.test(address)) return unreachable;
  return /^(10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.|f[cd])/.test(address)
    ? 1
    : 0;
}

function ownIpv4(): string[] {
  return Object.entries(networkInterfaces())
    .filter(([name]) => !inward.test(name))
    .flatMap(([, addresses]) => addresses ?? [])
    .filter(({ family }) => family === 'IPv4')
    .map(({ address }) => address);
}

/** Of the machine that a container runs on: what its first process's routing table calls local. */
function hostIpv4(root: string): string[] {
  const table = netFile(root, 'fib_trie');
  const inner = netFile(root, 'route')
    .split('\n')
    .map((line) => line.split('\t'))
    .filter(([name = '', , gateway]) => inward.test(name) && gateway === '00000000')
    .map((fields) => ({ network: hexAddress(fields[1] ?? ''), mask: hexAddress(fields[7] ?? '') }));
  const found = [...table.matchAll(/\|-- ([\d.]+)\n +\/32 host LOCAL/g)].map((match) => match[1] ?? '');
  return found.filter((address) => !inner.some(({ network, mask }) => (toNumber(address) & mask) === network));
}

// Bytes as they lie in the memory of the machine, which is little-endian wherever a node runs.
function hexAddress(hex: string): number {
  return Buffer.from(hex.padStart(8, '0'), 'hex').readInt32LE(0);
}

function toNumber(address: string): number {
  return address.split('.').reduce((value, part) => (value << 8) | Number(part), 0);
}

/** /proc/net/if_inet6: address, index, prefix, scope, flags, name. */
function ipv6(root: string): string[] {
  return netFile(root, 'if_inet6')
    .split('\n')
    .map((line) => line.trim().split(/ +/))
    .filter(([, , , scope, flags = '', name]) => {
      // Temporary (0x01, RFC 8981), failed (0x08), deprecated (0x20) and tentative (0x40) ones are not where it is found.
      const fleeting = (Number.parseInt(flags, 16) & 0x69) !== 0;
      return name !== undefined && !inward.test(name) && scope === '00' && !fleeting;
    })
    .map(([address = '']) => shortest(address));
}

/** The text of RFC 5952, which is how the URL standard writes an address too. */
function shortest(hex: string): string {
  return new URL(`http://[${(hex.match(/.{4}/g) ?? []).join(':')}]`).hostname.slice(1, -1);
}

function netFile(root: string, name: string): string {
  const ofFirst = root === '' ? undefined : readText(`${root}/proc/1/net/${name}`, maxTableBytes);
  return ofFirst ?? readText(`${root}/proc/net/${name}`, maxTableBytes) ?? '';
}
