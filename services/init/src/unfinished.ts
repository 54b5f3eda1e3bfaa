// A file is written under a name of its own first: `.transport.pem.0123456789ab.new`. Only a run that was cut short
// leaves one behind.
import { randomBytes } from 'node:crypto';

const pattern = /^\.(.+)\.[0-9a-f]{12}\.new$/;

export function unfinishedName(name: string): string {
  return `.${name}.${randomBytes(6).toString('hex')}.new`;
}

/** The name that an unfinished file was to get; undefined for every other file. */
export function finishedName(name: string): string | undefined {
  return pattern.exec(name)?.[1];
}
