// Every file that init looks after: where it lies, who may read it, and what to call it.

/** keys: the master alone; tls: the master and its proxy; nodes: what every node may read. */
export type FolderName = 'keys' | 'tls' | 'nodes';

export const folderModes: Record<FolderName, number> = { keys: 0o700, tls: 0o700, nodes: 0o755 };

export interface FileKind {
  readonly folder: FolderName;
  readonly name: string;
  readonly mode: number;
  readonly what: string;
}

const owner = 0o600;
const everyone = 0o644;

export const transportKey: FileKind = {
  folder: 'keys',
  name: 'transport.pem',
  mode: owner,
  what: 'join key, RSA-2048, private',
};
export const transportPublic: FileKind = {
  folder: 'keys',
  name: 'transport.pub',
  mode: owner,
  what: 'its public half',
};
export const signingKey: FileKind = {
  folder: 'keys',
  name: 'signing.pem',
  mode: owner,
  what: 'signing key, Ed25519, private',
};
export const signingPublic: FileKind = { folder: 'keys', name: 'signing.pub', mode: owner, what: 'its public half' };
export const curveKey: FileKind = {
  folder: 'keys',
  name: 'curve.key',
  mode: owner,
  what: 'ZeroMQ key, CURVE, private',
};
export const curvePublic: FileKind = { folder: 'keys', name: 'curve.pub', mode: owner, what: 'its public half' };
export const authorityKey: FileKind = {
  folder: 'keys',
  name: 'tls-ca.key',
  mode: owner,
  what: 'certificate authority, private',
};
export const authorityCertificate: FileKind = {
  folder: 'keys',
  name: 'tls-ca.crt',
  mode: owner,
  what: 'its certificate',
};
export const adminPassword: FileKind = {
  folder: 'keys',
  name: 'admin.password',
  mode: owner,
  what: 'first password, secret',
};
export const adminAccount: FileKind = {
  folder: 'keys',
  name: 'admin.json',
  mode: owner,
  what: 'first account, with a hash',
};
export const inviteList: FileKind = {
  folder: 'keys',
  name: 'invites.json',
  mode: owner,
  what: 'hashes of the first invites',
};
export const metricsToken: FileKind = {
  folder: 'keys',
  name: 'metrics.token',
  mode: owner,
  what: 'who shows it may read /metrics',
};

export const serverKey: FileKind = { folder: 'tls', name: 'tls.key', mode: owner, what: 'web server key, private' };
export const serverCertificate: FileKind = {
  folder: 'tls',
  name: 'tls.crt',
  mode: owner,
  what: 'web server certificate',
};

export const transportForNodes: FileKind = {
  folder: 'nodes',
  name: 'transport.pub',
  mode: everyone,
  what: 'join key, public',
};
export const signingForNodes: FileKind = {
  folder: 'nodes',
  name: 'signing.pub',
  mode: everyone,
  what: 'signing key, public',
};
export const curveForNodes: FileKind = {
  folder: 'nodes',
  name: 'curve.pub',
  mode: everyone,
  what: 'ZeroMQ key, public',
};
export const authorityForNodes: FileKind = {
  folder: 'nodes',
  name: 'tls-ca.crt',
  mode: everyone,
  what: 'what browsers can trust',
};

/** A join key that was the newest once, and is still taken. Numbers ascend with time. */
export function olderTransportKey(number: number): FileKind {
  return { folder: 'keys', name: `transport-old-${number}.pem`, mode: owner, what: 'older join key, private' };
}

/** The number in the name of an older join key; undefined for every other name. */
export function olderTransportNumber(name: string): number | undefined {
  const digits = /^transport-old-([1-9]\d{0,5})\.pem$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

export function inviteFile(number: number): FileKind {
  return { folder: 'nodes', name: `invite-${number}`, mode: owner, what: 'invite for one node, secret' };
}

/** What must never lie where a node can read it. */
export const privateFiles: readonly FileKind[] = [
  transportKey,
  signingKey,
  curveKey,
  authorityKey,
  adminPassword,
  adminAccount,
  inviteList,
  metricsToken,
  serverKey,
];
