// Secrets, in every form that they are likely to be found in, and looking for them.
import { createPrivateKey } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';

export interface Secret {
  name: string;
  /** As it stands in a program's memory, whichever way the program holds it. */
  plain: Buffer[];
  /** As it may stand elsewhere, beside that. */
  encoded: Buffer[];
}

export function textSecret(name: string, text: string): Secret {
  const bytes = Buffer.from(text);
  const encoded = [bytes.toString('hex'), bytes.toString('base64url').slice(0, -2), encodeURIComponent(text)];
  return {
    name,
    plain: [bytes, Buffer.from(text, 'utf16le')],
    encoded: encoded.map((one) => Buffer.from(one)),
  };
}

export function bytesSecret(name: string, bytes: Uint8Array): Secret {
  const raw = Buffer.from(bytes);
  // The last characters depend on what follows, and on padding.
  const bases = ['base64', 'base64url'] as const;
  const texts = [
    raw.toString('hex').toUpperCase(),
    ...bases.map((base) => raw.toString(base).replaceAll('=', '').slice(0, -1)),
  ];
  if (raw.length === 32) texts.push(encodeZ85(raw));
  return { name, plain: [raw, Buffer.from(raw.toString('hex'))], encoded: texts.map((one) => Buffer.from(one)) };
}

/** A secret key of CURVE. */
export function z85Secret(name: string, text: string): Secret {
  const { plain, encoded } = bytesSecret(name, decodeZ85(text));
  return { name, plain: [...plain, Buffer.from(text)], encoded };
}

/** The secret numbers of a private key, and the part of its file that holds them. */
export function pemSecrets(name: string, pem: string): Secret[] {
  const jwk = createPrivateKey(pem).export({ format: 'jwk' });
  const numbers = (['d', 'p', 'q'] as const).flatMap((part) => {
    const value = jwk[part];
    return typeof value === 'string' ? [bytesSecret(`${part} of ${name}`, Buffer.from(value, 'base64url'))] : [];
  });
  const lines = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'));
  // Those at the beginning are the same for all, or the public half of it.
  const line = lines[lines.length > 5 ? Math.floor(lines.length * 0.7) : 0] ?? '';
  return [...numbers, textSecret(`a line of ${name}`, line)];
}

export function nameOf({ name }: Secret): string {
  return name;
}

/** The names of those that stand in any of `places`, in any form. */
export function foundIn(secrets: Secret[], ...places: (Buffer | string)[]): string[] {
  const buffers = places.map((place) => Buffer.from(place));
  const stands = ({ plain, encoded }: Secret) =>
    [...plain, ...encoded].some((form) => buffers.some((buffer) => buffer.includes(form)));
  return secrets.filter(stands).map(nameOf);
}

/** All files below `folder`, but for those whose path ends with one of `but`. */
export function filesBelow(folder: string, but: string[] = []): Buffer[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  return paths.filter((path) => !but.some((end) => path.endsWith(end))).map((path) => readFileSync(path));
}
