// What a node lets be done (PROTOCOL.md), as its operator writes it down: a line each, and nothing that could be read in two ways.
import type { Facts } from '@sealcast/channel/payloads';

/** An order, as far as the policy looks at it. */
export type Ordered =
  | { type: 'text' | 'interval' | 'rotate' }
  | { type: 'run'; program: string; arguments: readonly string[] };

/** Each holds those before it. */
const levels = ['observe', 'operate', 'admin'] as const;
export type Level = (typeof levels)[number];

const fromLevel: Readonly<Record<Ordered['type'], Level>> = {
  text: 'observe',
  interval: 'observe',
  rotate: 'operate',
  run: 'admin',
};

export interface Policy {
  level: Level;
  /** Allowed beside the level. */
  actions: ReadonlySet<string>;
  /** Programs with their arguments, allowed beside the level: each as it stands behind `allow run`. */
  runs: ReadonlySet<string>;
}

export const observeOnly: Policy = { level: 'observe', actions: new Set(), runs: new Set() };

export function allows({ level, actions, runs }: Policy, order: Ordered): boolean {
  if (levels.indexOf(level) >= levels.indexOf(fromLevel[order.type])) return true;
  if (order.type !== 'run') return actions.has(order.type);
  const words = [order.program, ...order.arguments];
  // An argument that holds a space or is empty would be read as others than it is.
  return words.every((word) => /^[^ ]+$/.test(word)) && runs.has(words.join(' '));
}

// PROTOCOL.md, Payloads: `policy`.
const allowedMax = 64;
const lineBytes = 256;

/** As the master is told it. */
export type ToldPolicy = NonNullable<Facts['policy']>;

export function toldOf({ level, actions, runs }: Policy): ToldPolicy {
  const all = [...actions, ...[...runs].map((words) => `run ${words}`)];
  const allowed = all.filter((each) => Buffer.byteLength(each) <= lineBytes).slice(0, allowedMax);
  return { level, allowed, more: all.length - allowed.length };
}

/** The file says something that it can't: each line names the line of the file, and what to write instead. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
}

/** @throws PolicyError with every fault */
export function parsePolicy(text: string): Policy {
  const faults: string[] = [];
  const found = { level: undefined as Level | undefined, actions: new Set<string>(), runs: new Set<string>() };
  for (const [index, line] of text.split('\n').entries()) {
    const fault = takeLine(line, found);
    if (fault !== undefined) faults.push(`line ${index + 1} ${fault}`);
  }
  if (faults.length > 0) throw new PolicyError(faults.join('\n'));
  return { ...found, level: found.level ?? 'observe' };
}

interface Found {
  level: Level | undefined;
  actions: Set<string>;
  runs: Set<string>;
}

const instead =
  'write "level observe", "level operate" or "level admin", "allow rotate", or "allow run /path/to/program"';

// Gives what is wrong with the line.
function takeLine(line: string, found: Found): string | undefined {
  if (/^[ \t]*$/.test(line) || line.startsWith('#')) return undefined;
  if (/\p{Cc}/u.test(line))
    return 'holds a control character or a tab; write plain text, with lines that end as on Unix';
  if (/^ | $| {2}/.test(line))
    return 'holds a space too many; write one space between two words, and none before or behind';
  const [keyword, ...rest] = line.split(' ');
  if (rest.some((word) => word.startsWith('#'))) return 'holds a comment; write it on a line of its own';
  if (keyword === 'level') return takeLevel(rest, found);
  if (keyword === 'allow') return takeAllowed(rest, found);
  return `is "${shown(line)}"; ${instead}`;
}

function takeLevel(words: string[], found: Found): string | undefined {
  const level = levels.find((one) => words.length === 1 && one === words[0]);
  if (level === undefined) return `names no level; write one of: level ${levels.join(', level ')}`;
  if (found.level !== undefined) return 'sets the level again; write one line that does';
  found.level = level;
  return undefined;
}

function takeAllowed([action = '', ...words]: string[], { actions, runs }: Found): string | undefined {
  if (action === 'run') {
    if (words.length === 0)
      return 'allows every program; write "allow run /path/to/program" with its arguments, or "level admin"';
    if (words[0]?.startsWith('/') !== true)
      return 'names a program without its whole path; write one that begins with a slash, as in "allow run /usr/bin/uptime"';
    runs.add(words.join(' '));
    return undefined;
  }
  if (!Object.hasOwn(fromLevel, action) || words.length > 0)
    return `allows no action that there is; write "allow" and one of ${Object.keys(fromLevel).join(', ')}`;
  actions.add(action);
  return undefined;
}

function shown(line: string): string {
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
