// What the master's HTTP API says, as this page reads it. Sample and Facts are PROTOCOL.md's, decoded.

interface Disk {
  mount: string;
  device: string;
  type: string;
  total: number;
  free: number;
}

export interface Sample {
  number: number;
  /** Milliseconds since 1970, the master's time. */
  at: number;
  /** Seconds. */
  uptime: number;
  /** Percent, as are the cores. */
  cpu: number;
  cores: number[];
  load: number[];
  /** Bytes. */
  memory: { total: number; available: number };
  swap: { total: number; free: number };
  disks: Disk[];
  /** Bytes a second; busy in percent. */
  io: { device: string; read: number; written: number; busy: number }[];
  /** Bytes a second. */
  interfaces: { name: string; received: number; sent: number }[];
  temperatures: { name: string; celsius: number }[];
}

/** What a node says that it lets be done; it decides by its own file, whatever the page shows. */
export interface Policy {
  level: 'observe' | 'operate' | 'admin';
  /** Beside the level: `rotate`, or `run` with a program and its arguments. */
  allowed: string[];
  /** Allowed too, and not told. */
  more: number;
}

export interface Facts {
  name: string;
  os: string;
  kernel: string;
  arch: string;
  version: string;
  vendor: string;
  model: string;
  cpu: { model: string; cores: number; threads: number };
  memory: number;
  boot: number;
  disks: { name: string; model: string; size: number }[];
  gpus: string[];
  addresses: string[];
  policy?: Policy;
}

/** Who has joined, or was added, and is refused at the data ports by the operator's own list. */
interface KeptOut {
  since: number;
  /** As that list takes it. */
  hopKey: string;
  /** The setting that names the list. */
  by: 'mq_zap_file' | 'mq_zap_command';
}

export type NodeState = 'alive' | 'away' | 'never';

export interface NodeView {
  id: string;
  /** What people call it, or else what it says itself. */
  name: string;
  facts: Facts | null;
  state: NodeState;
  /** Since when it is in this state, milliseconds. */
  since: number;
  lastSeen: number | null;
  /** Seconds between two samples. */
  interval: number;
  joinedAt: number;
  sample: Sample | null;
  /** A second machine with this node's identity is held out. */
  cloned: { since: number; tries: number } | null;
  keptOut: KeptOut | null;
}

export type Action =
  | { type: 'text'; text: string }
  | { type: 'interval'; seconds: number }
  | { type: 'rotate' }
  | { type: 'run'; program: string; arguments: string[]; seconds: number };

export type Outcome = 'waiting' | 'done' | 'refused' | 'failed' | 'expired';

export interface Receipt {
  node: string;
  name: string;
  outcome: Outcome;
  detail: string | null;
  /** The end of what a program wrote. */
  output: string | null;
  at: number | null;
}

export interface CommandView {
  id: string;
  issued: number;
  expires: number;
  by: string;
  action: Action;
  everyone: boolean;
  receipts: Receipt[];
}

export interface CommandOrder {
  action: Action;
  targets: 'everyone' | string[];
  expiresInSeconds: number;
}

type Column = (number | null)[];

/** Columns of equal length; `at` ascends, in milliseconds. A null is a time that nothing is known of. */
export interface History {
  at: number[];
  /** Percent. */
  cpu: Column;
  memory: Column;
  swap: Column;
  /** Percent of the fullest disk. */
  disk: Column;
  /** Bytes a second. */
  received: Column;
  sent: Column;
  read: Column;
  written: Column;
  /** Degrees Celsius, the hottest. */
  temperature: Column;
  load: Column;
}

export type Metric = Exclude<keyof History, 'at'>;

export interface Invite {
  id: string;
  label: string;
  /** Seconds since 1970, as are the expiries of invites everywhere. */
  created: number;
  expires: number;
  state: 'open' | 'spent' | 'expired' | 'withdrawn';
  spentBy: string | null;
}

export interface NewInvite {
  id: string;
  invite: string;
  expires: number;
  /** SHA-256 of the program that installs a node, below install/; null where the master has none. */
  install: string | null;
}

/** An invite, and what it says about where the master is; `host` is null where a relay leads there. */
export type MadeInvite = NewInvite & { host: string | null };

/** Nodes reach the master at `host`, or through a relay. */
export type InviteOrder = { label: string; hours: number } & ({ host: string } | { relay: string });

export interface Relay {
  id: string;
  name: string;
  host: string;
  /** Its hop line, PROTOCOL.md, Relays. */
  line: string;
  addedAt: number;
  connected: boolean;
  /** Since when it is connected, or was last; null where it never was. */
  since: number | null;
  keptOut: KeptOut | null;
}

export interface Relays {
  /** The master's own hop line; '' where it does not know its host, or does not speak CURVE. */
  line: string;
  relays: Relay[];
}

/** What was refused since the master started, by PROTOCOL.md's error codes, and which connections were cut, by reason. */
export interface Refusals {
  counts: Record<string, number>;
  cuts: Record<string, number>;
}

/** The master's end of the wire. */
export interface TransportState {
  up: boolean;
  since: number;
  restarts: number;
}
