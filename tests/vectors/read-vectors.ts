// The files of vectors, read as a stranger would: JSON whose members are looked up by name.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fromHex } from '../twin/bytes.ts';

export type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

export function vectorFiles(): string[] {
  return readdirSync(import.meta.dirname)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.replace('.json', ''))
    .toSorted();
}

export function vectorText(name: string): string {
  return readFileSync(join(import.meta.dirname, `${name}.json`), 'utf8');
}

export class Vector {
  readonly json: { [name: string]: Json };

  constructor(json: Json | undefined) {
    if (json === null || typeof json !== 'object' || Array.isArray(json)) throw new Error('expected an object');
    this.json = json;
  }

  static file(name: string): Vector {
    return new Vector(JSON.parse(vectorText(name)));
  }

  at(name: string): Json {
    const value = this.json[name];
    if (value === undefined) throw new Error(`no member ${name}`);
    return value;
  }

  has(name: string): boolean {
    return this.json[name] !== undefined;
  }

  text(name: string): string {
    const value = this.at(name);
    if (typeof value !== 'string') throw new Error(`${name}: expected text`);
    return value;
  }

  bytes(name: string): Uint8Array {
    return fromHex(this.text(name));
  }

  number(name: string): number {
    const value = Number(this.at(name));
    if (!Number.isSafeInteger(value)) throw new Error(`${name}: expected an integer`);
    return value;
  }

  is(name: string): boolean {
    return this.json[name] === true;
  }

  inner(name: string): Vector {
    return new Vector(this.at(name));
  }

  list(name: string): Vector[] {
    const value = this.at(name);
    if (!Array.isArray(value)) throw new Error(`${name}: expected a list`);
    return value.map((item) => new Vector(item));
  }

  /** A list of byte strings, empty where there is none. */
  byteStrings(name: string): Uint8Array[] {
    const value = this.json[name] ?? [];
    if (!Array.isArray(value)) throw new Error(`${name}: expected a list`);
    return value.map((item) => fromHex(typeof item === 'string' ? item : ''));
  }
}
