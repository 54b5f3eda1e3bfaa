/** One line of /proc/PID/mountinfo (proc_pid_mountinfo(5)). */
export interface Mount {
  /** major:minor of the file system. */
  device: string;
  /** Where it is mounted, escapes decoded. */
  path: string;
  type: string;
  source: string;
}

/** The mounts that can be reached: of several on one path the last lies on top. */
export function parseMounts(text: string): Mount[] {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    // id, parent, major:minor, root, path, options, any number of optional fields, -, type, source, options
    const fields = line.split(' ');
    const dash = fields.indexOf('-', 6);
    const [, , device, , escapedPath] = fields;
    const type = fields[dash + 1];
    const source = fields[dash + 2];
    if (dash < 0 || device === undefined || escapedPath === undefined || type === undefined || source === undefined)
      continue;
    const path = unescapeMount(escapedPath);
    mounts.delete(path);
    mounts.set(path, { device, path, type, source: unescapeMount(source) });
  }
  return [...mounts.values()];
}

/** Space, tab, newline and backslash stand as \040, \011, \012, \134; all else stands as it is. */
function unescapeMount(text: string): string {
  return text.replace(/\\([01][0-7]{2})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
}

// What lies on a disk of this machine. A list of what to take, not of what to leave: a file system that nobody thought of
// may be one that hangs.
const onDisk = new Set([
  'bcachefs',
  'btrfs',
  'exfat',
  'ext2',
  'ext3',
  'ext4',
  'f2fs',
  'fuseblk', // NTFS and exFAT by a program
  'hfs',
  'hfsplus',
  'jffs2',
  'jfs',
  'msdos',
  'nilfs2',
  'ntfs',
  'ntfs3',
  'reiserfs',
  'ubifs',
  'ufs',
  'vfat',
  'xfs',
  'zfs',
]);

// What can hang without its server. Even looking up a path that leads through one may hang. Where one is `/`, all else hangs
// with it, and `//` is where no path begins.
const remote =
  /^(9p|afs|beegfs|ceph|cifs|coda|davfs|fuse|fuse\..*|gfs2?|glusterfs|lustre|ncpfs|nfs[34]?|ocfs2|orangefs|smb3|smbfs|virtiofs)$/;

/**
 * The mounts of disks, `/` first. An overlay counts only as `/`: that is what a container, or a machine with a
 * read-only card, writes to.
 */
export function diskMounts(mounts: readonly Mount[]): Mount[] {
  const hanging = mounts.filter((mount) => remote.test(mount.type)).map((mount) => `${mount.path}/`);
  return mounts
    .filter((mount) => onDisk.has(mount.type) || (mount.path === '/' && mount.type === 'overlay'))
    .filter((mount) => !hanging.some((folder) => mount.path.startsWith(folder)))
    .toSorted((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

/** What a disk is known by: mounts of one are bind mounts, subvolumes or data sets of the same space. */
export function diskIdentity(mount: Mount): string {
  return mount.type === 'zfs' ? `zfs ${mount.source.split('/', 1)[0]}` : mount.device;
}
