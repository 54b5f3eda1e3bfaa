import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { deviceNumber, type Space, type SpaceProbe } from '../../../services/node/src/harvest/disks.ts';

const recordings = join(import.meta.dirname, 'machines');

/**
 * The files of a machine below a folder of its own. A recording has one entry a line: `path = text` a file of one line,
 * `path -> target` a link, `path <<` a file of the lines up to a `.` alone, `path/` an empty folder, `space path
 * major:minor total free` what the kernel says of a mounted file system. Where a line ends with `\0` that is a zero byte.
 */
export class Machine implements Disposable {
  readonly root = mkdtempSync(join(tmpdir(), 'sealcast-machine-'));
  readonly #spaces = new Map<string, Space>();

  /** Without a name a machine has no files. */
  constructor(name?: string) {
    if (name !== undefined) this.add(readFileSync(join(recordings, `${name}.txt`), 'utf8'));
  }

  add(recording: string): void {
    const lines = recording.split('\n').values();
    for (const line of lines) {
      if (line === '' || line.startsWith('#')) continue;
      const [, path = '', kind, value = ''] = /^(.*?)(?: (=|->|<<) ?(.*))?$/.exec(line) ?? [];
      if (line.startsWith('space ')) this.#space(line);
      else if (kind === '->') this.link(path, value);
      else if (kind === '<<') this.write(path, block(lines));
      else if (kind === '=') this.write(path, value.endsWith('\\0') ? value.replaceAll('\\0', '\0') : `${value}\n`);
      else mkdirSync(this.#at(path), { recursive: true });
    }
  }

  write(path: string, text: string): void {
    writeFileSync(this.#at(path), text);
  }

  link(path: string, target: string): void {
    symlinkSync(target, this.#at(path));
  }

  remove(path: string): void {
    rmSync(join(this.root, path), { recursive: true, force: true });
  }

  setSpace(path: string, space: Space | undefined): void {
    if (space === undefined) this.#spaces.delete(path);
    else this.#spaces.set(path, space);
  }

  /** What is asked in place of the kernel: a folder of the machine, or one that `ownMounts` names. */
  readonly probe: SpaceProbe = (folder) => {
    const below = folder.startsWith(`${this.root}/`) ? folder.slice(this.root.length) : folder;
    return this.#spaces.get(below);
  };

  #space(line: string): void {
    const [, path = '', device = '', total, free] = line.split(' ');
    this.setSpace(path.replaceAll('\\040', ' '), {
      device: deviceNumber(device),
      total: Number(total),
      free: Number(free),
    });
  }

  #at(path: string): string {
    const file = join(this.root, path);
    if (!existsSync(dirname(file))) mkdirSync(dirname(file), { recursive: true });
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.root, { recursive: true, force: true });
  }
}

function block(lines: Iterator<string>): string {
  let text = '';
  for (let next = lines.next(); !next.done && next.value !== '.'; next = lines.next()) text += `${next.value}\n`;
  return text;
}
