// What a command is, and what it is given.
import type { ParseArgsOptionsConfig } from 'node:util';
import type { Connection } from '../session/connection.ts';
import type { Screen } from '../terminal/screen.ts';
import { type ExitCode, UsageError } from './failures.ts';

export interface Option {
  type: 'string' | 'boolean';
  /** What stands for the value in --help, e.g. `FILE`. */
  value?: string;
  multiple?: boolean;
  what: string;
}

export interface Command {
  /** One word or two. */
  name: string;
  /** Behind the name, in --help: `[NODE]…`. */
  takes?: string;
  what: string;
  /** More, for its own --help. */
  details?: string;
  options?: Readonly<Record<string, Option>>;
  /** What it needs: a master that answers (where nothing is said), a session alone, or neither. */
  asks?: 'master' | 'session' | 'nobody';
  run(call: Call): Promise<ExitCode>;
}

export class Call {
  readonly screen: Screen;
  readonly env: NodeJS.ProcessEnv;
  readonly words: readonly string[];
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #connect: (call: Call) => Promise<Connection>;

  constructor(
    screen: Screen,
    env: NodeJS.ProcessEnv,
    { words, values }: { words: readonly string[]; values: Readonly<Record<string, unknown>> },
    connect: (call: Call) => Promise<Connection>,
  ) {
    this.screen = screen;
    this.env = env;
    this.words = words;
    this.#values = values;
    this.#connect = connect;
  }

  get json(): boolean {
    return this.flag('json');
  }

  /** To be closed, which ends a session that is for this command alone. */
  connect(): Promise<Connection> {
    return this.#connect(this);
  }

  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  text(name: string): string | undefined {
    const value = this.#values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** Of an option that may stand several times, each with several values between commas. */
  texts(name: string): string[] {
    const value = this.#values[name];
    const given: unknown[] = Array.isArray(value) ? value : [];
    return given.flatMap((one) => String(one).split(',')).filter((one) => one !== '');
  }

  number(name: string, min: number, max: number): number | undefined {
    const text = this.text(name);
    return text === undefined ? undefined : wholeNumber(`--${name}`, text, min, max);
  }

  /** The operands (POSIX.1-2017, 12.1), of which there have to be as many as `names`. Throws UsageError. */
  operands(...names: string[]): string[] {
    if (this.words.length > names.length) throw new UsageError(`there is a word too many: ${this.words[names.length]}`);
    const missing = names[this.words.length];
    if (missing !== undefined) throw new UsageError(`${missing} is missing`);
    return [...this.words];
  }
}

export function wholeNumber(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!/^\d{1,9}$/.test(text) || value < min || value > max)
    throw new UsageError(`${name} is ${text}; write a whole number from ${min} to ${max}`);
  return value;
}

/** As parseArgs takes them. */
export function parseOptions(options: Readonly<Record<string, Option>>): ParseArgsOptionsConfig {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple = false }]) => [name, { type, multiple }]),
  );
}
