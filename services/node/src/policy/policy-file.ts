// The policy's file belongs to whoever runs this machine: nothing that comes by the wire reads or writes it.
import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from 'node:fs';
import type { Logger } from '@sealcast/runtime/log';
import { StartError } from '@sealcast/runtime/run';
import {
  allows,
  type Level,
  observeOnly,
  type Ordered,
  parsePolicy,
  type Policy,
  PolicyError,
  toldOf,
  type ToldPolicy,
} from './policy.ts';

const maxBytes = 65_536;
const writableByOthers = 0o022;

export class PolicyFile {
  readonly #path: string | undefined;
  readonly #log: Logger;
  #policy: Policy;
  /** What was logged of a file that is broken. */
  #fault: string | undefined;
  /** What the master was told last. */
  #told = '';

  /**
   * Without a path everything that `observe` does not hold is refused.
   * @throws StartError where the file can't be read or believed
   */
  constructor(path: string | undefined, log: Logger) {
    this.#path = path;
    this.#log = log;
    try {
      this.#policy = path === undefined ? observeOnly : readPolicy(path);
    } catch (cause) {
      throw new StartError(`policy_file: ${whatIsWrong(path, cause)}`, { cause });
    }
    if (path !== undefined) log.info({ policy: this.#policy.level, file: path }, 'what the master may order');
  }

  get level(): Level {
    return this.#policy.level;
  }

  /** Looks at the file as it is now: one that was changed a moment ago, within the same tick of its clock, counts too. */
  allows(order: Ordered): boolean {
    if (allows(observeOnly, order)) return true;
    this.#read();
    return allows(this.#policy, order);
  }

  /** As it is now, for the master's page. */
  tell(): ToldPolicy {
    this.#read();
    const told = toldOf(this.#policy);
    this.#told = JSON.stringify(told);
    return told;
  }

  /** Whether the master was told another one last. */
  hasChanged(): boolean {
    this.#read();
    return JSON.stringify(toldOf(this.#policy)) !== this.#told;
  }

  #read(): void {
    if (this.#path === undefined) return;
    const before = this.#policy.level;
    try {
      this.#policy = readPolicy(this.#path);
      this.#fault = undefined;
    } catch (error) {
      this.#policy = observeOnly;
      const text = whatIsWrong(this.#path, error);
      if (text !== this.#fault)
        this.#log.error({ reason: text }, 'the policy counts as observe until its file is mended');
      this.#fault = text;
      return;
    }
    if (this.level !== before) this.#log.info({ policy: this.level }, 'the policy was changed');
  }
}

/** @throws PolicyError, and what opening and reading throw */
function readPolicy(path: string): Policy {
  // A named pipe in its place would hold the node up.
  const file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const found = fstatSync(file);
    checkHolder(found);
    if (found.size > maxBytes)
      throw new PolicyError(`it is longer than ${maxBytes} bytes; write only what is to be allowed`);
    return parsePolicy(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(readFileSync(file)));
  } finally {
    closeSync(file);
  }
}

function checkHolder(found: Stats): void {
  if (!found.isFile()) throw new PolicyError('it is not a file; name one');
  const own = process.geteuid?.() ?? 0;
  if (found.uid !== 0 && found.uid !== own)
    throw new PolicyError(
      `it belongs to user ${found.uid}; give it to root, or to user ${own}, whom this node runs as`,
    );
  if ((found.mode & writableByOthers) !== 0)
    throw new PolicyError('group or others may write it; take that from them with chmod go-w');
}

function whatIsWrong(path: string | undefined, error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return error instanceof PolicyError
    ? `${path}: ${text.replaceAll('\n', `\n${path}: `)}`
    : `${path} can't be read (${text})`;
}
