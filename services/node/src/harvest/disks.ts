import { statfsSync, statSync } from 'node:fs';
import { whole } from './bounds.ts';
import { cleanName, cleanPath } from './clean.ts';
import { type Mount, diskIdentity, diskMounts, parseMounts } from './mounts.ts';
import { readLinkName, readText } from './reading.ts';

export interface Disk {
  mount: string;
  device: string;
  type: string;
  total: number;
  free: number;
}

export interface Space {
  /** st_dev of the path. */
  device: number;
  total: number;
  free: number;
  /** The path is that of a file. */
  isFile?: true;
}

/** Asks the kernel for the space at a folder or a file; undefined where there is neither. */
export type SpaceProbe = (path: string) => Space | undefined;

interface Place {
  mount: Mount;
  folder: string;
  name: string;
  device: string;
  type: string;
}

const maxDisks = 64;
const lookAgainMs = 30_000;

/**
 * How full the disks are, for those who use them: `free` is what a program without privileges can still write (df's Avail), and
 * `total` leaves out what the file system keeps for root, so that the share in use is df's Use%.
 */
export class DiskSpace {
  readonly #root: string;
  readonly #probe: SpaceProbe;
  readonly #ownMounts: string;
  #places: Place[] = [];
  #lookAt = -Infinity;

  /** `ownMounts` names the mountinfo of this process, which tells where the disks of `root` may be seen from inside a container. */
  constructor(root: string, probe: SpaceProbe = probeSpace, ownMounts = '/proc/self/mountinfo') {
    this.#root = root;
    this.#probe = probe;
    this.#ownMounts = ownMounts;
  }

  /** `now` is monotonic, in ms: mounts are looked up anew every half minute, their space is asked for each time. */
  read(now: number): Disk[] {
    if (now >= this.#lookAt) {
      this.#places = this.#look();
      this.#lookAt = now + lookAgainMs;
    }
    const disks: Disk[] = [];
    for (const { mount, folder, name, device, type } of this.#places) {
      const space = this.#at(folder, mount);
      if (space === undefined) {
        this.#lookAt = now; // it was taken away
        continue;
      }
      disks.push({
        mount: name,
        device,
        type,
        total: whole(space.total),
        free: whole(Math.min(space.free, space.total)),
      });
    }
    return disks;
  }

  #look(): Place[] {
    const inContainer = this.#root !== '';
    const mounts = diskMounts(parseMounts(this.#mountTable()));
    const own = inContainer ? diskMounts(parseMounts(readText(this.#ownMounts) ?? '')) : [];
    const places = new Map<string, Place>();
    let top: Space | undefined;
    for (const mount of mounts) {
      const identity = diskIdentity(mount);
      const known = places.get(identity);
      if (known !== undefined && known.mount.path.length <= mount.path.length) continue;
      // Not all of the machine's paths can be seen from a container, but any part of a disk tells of the whole of it: a volume, or
      // a file such as /etc/hosts, which every engine puts there.
      const seen = own.filter((other) => other.device === mount.device).map((other) => other.path);
      const itself = `${this.#root}${mount.path}`;
      for (const folder of [itself, ...seen]) {
        const space = this.#at(folder, mount);
        if (space === undefined || (space.isFile && folder === itself)) continue;
        if (mount.path === '/') top = space;
        // The disk under a container's overlay shows through as a volume too.
        else if (mounts[0]?.type === 'overlay' && top !== undefined && alike(top, space)) break;
        places.set(identity, this.#place(mount, folder));
        break;
      }
    }
    return [...places.values()].slice(0, maxDisks);
  }

  #mountTable(): string {
    if (this.#root === '') return readText('/proc/self/mountinfo') ?? '';
    return readText(`${this.#root}/proc/1/mountinfo`) ?? readText(`${this.#root}/proc/self/mountinfo`) ?? '';
  }

  // A path whose device is not the mount's is something else: the mount is gone, hidden by another, or elsewhere. Folders of
  // btrfs have a device of their own for each subvolume.
  #at(folder: string, mount: Mount): Space | undefined {
    const space = this.#probe(folder);
    if (space === undefined || space.total === 0) return undefined;
    return mount.type === 'btrfs' || space.device === deviceNumber(mount.device) ? space : undefined;
  }

  #place(mount: Mount, folder: string): Place {
    return {
      mount,
      folder,
      name: cleanPath(mount.path),
      device: cleanName(this.#deviceName(mount)),
      type: cleanName(mount.type),
    };
  }

  #deviceName({ device, source }: Mount): string {
    if (source.startsWith('/dev/mapper/')) return source.slice('/dev/mapper/'.length);
    if (!source.startsWith('/dev/')) return source;
    // /dev/root and /dev/disk/by-uuid/… are other names of a device.
    const uevent = readText(`${this.#root}/sys/dev/block/${device}/uevent`, 4096) ?? '';
    const name = /^DEVNAME=(.+)$/m.exec(uevent)?.[1] ?? readLinkName(`${this.#root}${source}`);
    return name || source.slice('/dev/'.length);
  }
}

function alike(a: Space, b: Space): boolean {
  return a.total === b.total && Math.abs(a.free - b.free) <= a.total / 1000;
}

/** st_dev of a major:minor, as glibc and musl put it together. */
export function deviceNumber(device: string): number {
  const [major = 0, minor = 0] = device.split(':', 2).map(Number);
  const low = (major & 0xfff) * 0x100 + (minor & 0xff);
  return low + Math.floor(minor / 0x100) * 0x100000 + Math.floor(major / 0x1000) * 0x100000000000;
}

export function probeSpace(path: string): Space | undefined {
  try {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) return undefined;
    const isFile = stat.isFile();
    if (!isFile && !stat.isDirectory()) return undefined;
    const { blocks, bfree, bavail, bsize } = statfsSync(path);
    const total = (blocks - bfree + bavail) * bsize;
    return { device: stat.dev, total, free: bavail * bsize, ...(isFile && { isFile }) };
  } catch {
    return undefined;
  }
}
