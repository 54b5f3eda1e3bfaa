// mq_zap_file: the hop keys that are let in, one a line.
import { readFileSync, statSync } from 'node:fs';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Logger } from '@sealcast/runtime/log';
import type { BackEnd } from './back-end.ts';

const z85Key = /^\S{40}$/;
const hexKey = /^[0-9a-fA-F]{64}$/;

/** Hop keys in hexadecimal. `#` at the start of a line begins a remark. Throws at a line that is no key, by its number alone. */
export function parseZapFile(text: string): Set<string> {
  const keys = new Set<string>();
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line !== '' && !line.startsWith('#')) keys.add(parseKey(line, index + 1));
  }
  return keys;
}

function parseKey(line: string, number: number): string {
  try {
    if (hexKey.test(line)) return line.toLowerCase();
    if (z85Key.test(line)) return Buffer.from(decodeZ85(line)).toString('hex');
  } catch {
    // What is wrong with it says no more than its line.
  }
  throw new Error(`line ${number} is no hop key; write 40 characters of Z85 or 64 hexadecimal digits`);
}

export class ZapFile implements BackEnd {
  readonly setting = 'mq_zap_file';
  readonly #path: string;
  readonly #log: Logger;
  #keys = new Set<string>();
  /** Let in no more, and not told yet. */
  #gone = new Set<string>();
  #seen = '';

  constructor(path: string, log: Logger) {
    this.#path = path;
    this.#log = log;
  }

  allows({ hopKey }: { hopKey: Uint8Array }): boolean {
    this.#follow();
    return this.#keys.has(Buffer.from(hopKey).toString('hex'));
  }

  /** Reads the file anew where it has changed. @returns keys that are let in no more since it was called last */
  look(): string[] {
    this.#follow();
    const gone = [...this.#gone];
    this.#gone.clear();
    return gone;
  }

  #follow(): void {
    const now = this.#state();
    if (now === this.#seen) return;
    const before = this.#keys;
    this.#seen = now;
    this.#keys = this.#read();
    // Who is back by then was gone all the same: what it was let in by is over.
    this.#gone = this.#gone.union(before.difference(this.#keys));
  }

  #state(): string {
    const { ino, size, mtimeNs } = statSync(this.#path, { bigint: true, throwIfNoEntry: false }) ?? {};
    return `${ino} ${size} ${mtimeNs}`;
  }

  #read(): Set<string> {
    try {
      const keys = parseZapFile(readFileSync(this.#path, 'utf8'));
      this.#log.info({ keys: keys.size }, 'the hop keys of mq_zap_file were read');
      return keys;
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#log.error({ file: this.#path, why }, 'mq_zap_file can not be used: nobody is let in to the data ports');
      return new Set();
    }
  }
}
