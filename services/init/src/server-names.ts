import { isIP } from 'node:net';
import type { X509Certificate } from 'node:crypto';
import type { Settings } from './settings.ts';

/** The names and addresses of a new web certificate: those that everybody needs, the machine's own, and those asked for. */
export function serverNames(settings: Settings, machine: string): string[] {
  const own = isMadeUp(machine) ? [] : [machine];
  const names = ['localhost', ...own, settings.mq_public_host, ...settings.tls_names, '127.0.0.1', '::1'].map(plain);
  // People look for names first; addresses follow.
  return [...new Set(names)].toSorted((a, b) => Number(isIP(a) !== 0) - Number(isIP(b) !== 0));
}

/** Which of `names` a browser would not accept `certificate` for. */
export function namesMissing(certificate: X509Certificate, names: readonly string[]): string[] {
  return names.filter((name) => !covers(certificate, plain(name)));
}

/** The names and addresses that a certificate stands for. */
export function namesIn(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '')
    .split(', ')
    .map((name) => /^(?:DNS|IP Address):(.+)$/.exec(name)?.[1])
    .filter((name) => name !== undefined)
    .map(plain);
}

function covers(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  if (name.startsWith('*.')) return namesIn(certificate).includes(name);
  return certificate.checkHost(name, { subject: 'never' }) !== undefined;
}

/** Lower case, and IPv6 in its shortest form. */
function plain(name: string): string {
  return isIP(name) === 6 ? new URL(`http://[${name}]`).hostname.slice(1, -1) : name.toLowerCase();
}

// Container engines name a container by its id: twelve hexadecimal digits, others in the next one.
function isMadeUp(machine: string): boolean {
  return /^[0-9a-f]{12}$/.test(machine) || !/^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/i.test(machine);
}
