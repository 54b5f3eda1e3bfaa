import { closeSync, openSync, readdirSync, readlinkSync, readSync } from 'node:fs';

// What a file of /proc or /sys may hold at most; a routing table of the whole Internet lies there too.
const maxFileBytes = 1 << 22;

// Files of /proc have no size to ask for, and a buffer for each would be most of what a sample allocates. Reading is
// synchronous, so one buffer does for all; it grows to the longest file.
let buffer = Buffer.allocUnsafeSlow(1 << 16);

/** The text of a small file, cut at `max` bytes, or undefined where it can't be read. */
export function readText(path: string, max = maxFileBytes): string | undefined {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    return undefined;
  }
  try {
    let length = 0;
    while (length < max) {
      if (length === buffer.length) grow();
      const read = readSync(file, buffer, length, Math.min(buffer.length, max) - length, null);
      if (read === 0) break;
      length += read;
    }
    return buffer.toString('utf8', 0, length);
  } catch {
    return undefined;
  } finally {
    closeSync(file);
  }
}

function grow(): void {
  const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
  buffer.copy(larger);
  buffer = larger;
}

/** The text of a file of one line, without the white space around it; `""` where there is none. */
export function readWord(path: string): string {
  return readText(path, 4096)?.trim() ?? '';
}

/** The whole number that a file of /sys holds. */
export function readInteger(path: string): number | undefined {
  const value = Number.parseInt(readText(path, 64) ?? '', 10);
  return Number.isNaN(value) ? undefined : value;
}

/** The names in a folder in the order people count (hwmon2 before hwmon10); none where it can't be read. */
export function readNames(path: string): string[] {
  try {
    return readdirSync(path).toSorted(byNumber);
  } catch {
    return [];
  }
}

/** What a link of /sys points to, by its last name; `""` where there is none. */
export function readLinkName(path: string): string {
  try {
    const target = readlinkSync(path);
    return target.slice(target.lastIndexOf('/') + 1);
  } catch {
    return '';
  }
}

// Intl's collation would do this too, and costs the process its tables.
function byNumber(a: string, b: string): number {
  const length = a.length - b.length;
  if (length !== 0 && a.replace(/\d+/g, '') === b.replace(/\d+/g, '')) return length;
  return a < b ? -1 : a > b ? 1 : 0;
}
