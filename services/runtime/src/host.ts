// Names and addresses of machines.

const hostLabel = /^(?!-)[a-z0-9_-]{1,63}(?<!-)$/i;

/** Whether this is a host name or an address, without a port. */
// The URL parser knows addresses, and refuses a name that ends like one (10.0.0.300); node:net does too, but costs a node 2 MB.
export function isHost(text: string): boolean {
  if (/^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]`)) return true;
  const isName = text.length <= 253 && text.split('.').every((label) => hostLabel.test(label));
  return isName && URL.parse(`http://${text}`)?.hostname === text.toLowerCase();
}

const usualFaults: [RegExp, string][] = [
  [/:\/\//, 'has :// in it'],
  [/[/?#]/, 'has a path in it'],
  [/^\[|\]$/, 'has brackets around it'],
  [/^[^:]*:\d*$/, 'has a port in it'],
  [/[\s,]/, 'has a space or a comma in it'],
  [/^[\d.]+$/, 'is no IPv4 address'],
  [/[^.]{64}/, 'has more than 63 characters without a dot'],
];

/** What is wrong with a `text` that is no host, to go on after "which"; undefined where it is one. */
export function hostFault(text: string): string | undefined {
  if (isHost(text)) return undefined;
  const [, fault] = usualFaults.find(([pattern]) => pattern.test(text)) ?? [];
  return fault ?? 'is not of letters, digits and hyphens, with dots between them';
}

/** Bytes that an invite and a hop line have for `host` (PROTOCOL.md). */
export const publicHostMax = 64;
