// An archive's files, for as long as a test looks at them.
import { execFile } from 'node:child_process';
import { lstatSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const magic = Buffer.from('\x7fELF', 'latin1');
/** Of e_machine, in a file of little-endian. */
const machineOffset = 18;

export async function unpack(archive: string) {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-unpacked-'));
  await run('tar', ['-xzf', archive, '-C', folder]);
  return {
    folder,
    /** Programs and libraries, each with the number of the machine that it is for (elf(5), e_machine). */
    elfFiles(): { path: string; machine: number }[] {
      return readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((path) => lstatSync(path).isFile())
        .map((path) => ({ path: relative(folder, path), head: readFileSync(path).subarray(0, machineOffset + 2) }))
        .filter(({ head }) => head.subarray(0, magic.length).equals(magic))
        .map(({ path, head }) => ({ path, machine: head.readUInt16LE(machineOffset) }));
    },
    [Symbol.asyncDispose]: async () => rmSync(folder, { recursive: true }),
  };
}
