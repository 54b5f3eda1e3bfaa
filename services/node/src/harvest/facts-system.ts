import { hostname, machine } from 'node:os';
import { whole } from './bounds.ts';
import { cleanLine, cleanName } from './clean.ts';
import { readText, readWord } from './reading.ts';

export function readHostName(root: string): string {
  // The kernel tells every container its own name; a machine's own stands in a file.
  const ofFile = () => /^[^#\s]+/m.exec(readText(`${root}/etc/hostname`) ?? '')?.[0] ?? '';
  const ofKernel = () => readWord(`${root}/proc/sys/kernel/hostname`);
  return cleanName(root === '' ? ofKernel() || hostname() : ofFile() || ofKernel());
}

/** The name of the distribution for people, os-release(5). */
export function readOs(root: string): string {
  const text = readText(`${root}/etc/os-release`) ?? readText(`${root}/usr/lib/os-release`) ?? '';
  const pretty = release(text, 'PRETTY_NAME') || `${release(text, 'NAME')} ${release(text, 'VERSION')}`;
  return cleanLine(pretty);
}

function release(text: string, key: string): string {
  const value = new RegExp(`^${key}=(.*)$`, 'm').exec(text)?.[1]?.trim() ?? '';
  const quoted = /^(["'])(.*)\1$/.exec(value);
  return quoted === null ? value : (quoted[2] ?? '').replace(/\\(["'$`\\])/g, '$1');
}

export function readKernel(root: string): string {
  return cleanLine(readWord(`${root}/proc/sys/kernel/osrelease`));
}

export function readArch(root: string): string {
  return cleanName(readWord(`${root}/proc/sys/kernel/arch`) || machine());
}

/** When the machine was started, in ms since 1970, as the machine's clock has it now. */
export function readBoot(root: string): number {
  const seconds = /^btime (\d+)/m.exec(readText(`${root}/proc/stat`) ?? '')?.[1];
  return whole(Number(seconds ?? 0) * 1000);
}
