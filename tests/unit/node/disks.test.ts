import { execFileSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { DiskSpace, deviceNumber, probeSpace } from '../../../services/node/src/harvest/disks.ts';
import { diskMounts, parseMounts } from '../../../services/node/src/harvest/mounts.ts';
import { Machine } from './machine.ts';

const nowhere = '/nonexistent';

function mountsOf(machine: Machine, now = 0): string[] {
  return new DiskSpace(machine.root, machine.probe, nowhere).read(now).map(({ mount }) => mount);
}

test('the disks of a Raspberry Pi are its card and what is plugged in, with the names people know', () => {
  using machine = new Machine('raspberry-pi-4');
  expect(new DiskSpace(machine.root, machine.probe, nowhere).read(0)).toEqual([
    { mount: '/', device: 'mmcblk0p2', type: 'ext4', total: 31012345856, free: 24012345856 },
    { mount: '/boot/firmware', device: 'mmcblk0p1', type: 'vfat', total: 535805952, free: 457830400 },
    { mount: '/media/USB disk', device: 'sda1', type: 'ext4', total: 491000000000, free: 300000000000 },
  ]);
});

test('memory, pictures of disks, containers, network and user file systems are no disks', () => {
  using machine = new Machine('server');
  expect(new DiskSpace(machine.root, machine.probe, nowhere).read(0)).toEqual([
    { mount: '/', device: 'vg0-root', type: 'ext4', total: 1900000000000, free: 800000000000 },
    { mount: '/data', device: 'sda1', type: 'btrfs', total: 15900000000000, free: 4000000000000 },
    { mount: '/tank', device: 'tank', type: 'zfs', total: 900000000000, free: 850000000000 },
  ]);
});

test('a network file system is never asked, nor what is mounted below one', () => {
  using machine = new Machine('server');
  const asked: string[] = [];
  const probe = (folder: string) => {
    asked.push(folder.slice(machine.root.length));
    return machine.probe(folder);
  };
  const disks = new DiskSpace(machine.root, probe, nowhere);
  for (let now = 0; now < 120_000; now += 5000) disks.read(now);
  expect(asked).toContain('/data');
  expect(asked.filter((path) => path.startsWith('/mnt'))).toEqual([]);
});

test('bind mounts and subvolumes of a disk are the disk, once', () => {
  using machine = new Machine('raspberry-pi-5');
  expect(mountsOf(machine)).toEqual(['/', '/boot/firmware']);
  using laptop = new Machine('laptop');
  expect(mountsOf(laptop)).toEqual(['/', '/boot', '/boot/efi']);
});

test('a disk that is taken away is gone at once, and one that comes is there within half a minute', () => {
  using machine = new Machine('raspberry-pi-4');
  const disks = new DiskSpace(machine.root, machine.probe, nowhere);
  const count = (now: number) => disks.read(now).length;
  expect(count(0)).toBe(3);
  const usb = machine.probe('/media/USB disk');
  machine.setSpace('/media/USB disk', machine.probe('/')); // the folder of the disk below it shows
  expect(count(5000)).toBe(2);
  expect(count(6000)).toBe(2);
  machine.setSpace('/media/USB disk', usb);
  expect(count(36_000)).toBe(3);
});

test('a mount that went away is looked for elsewhere at once', () => {
  using machine = new Machine('raspberry-pi-4');
  const disks = new DiskSpace(machine.root, machine.probe, nowhere);
  disks.read(0);
  machine.setSpace('/media/USB disk', undefined);
  machine.add(
    '/proc/1/mountinfo <<\n27 21 8:1 / /media/other rw - ext4 /dev/sda1 rw\n.\nspace /media/other 8:1 900 100',
  );
  disks.read(1000);
  expect(disks.read(2000).map(({ mount }) => mount)).toEqual(['/media/other']);
});

test('of several mounts of a disk the shortest path names it', () => {
  using machine = new Machine();
  const mounts = ['/a/bind', '/z', '/z/bind'];
  machine.write('/proc/1/mountinfo', mounts.map((path) => `1 0 8:1 / ${path} rw - ext4 /dev/sda1 rw\n`).join(''));
  for (const path of mounts) machine.setSpace(path, { device: deviceNumber('8:1'), total: 9, free: 3 });
  expect(mountsOf(machine)).toEqual(['/z']);
});

test('of mounts on one path only the last can be reached', () => {
  const mounts = parseMounts('1 0 8:1 / /data rw - ext4 /dev/sda1 rw\n2 1 8:2 / /data rw - xfs /dev/sdb1 rw\n');
  expect(mounts).toEqual([{ device: '8:2', path: '/data', type: 'xfs', source: '/dev/sdb1' }]);
});

test('spaces, tabs and backslashes in a path are decoded, and lines that are no mounts passed over', () => {
  const mounts = parseMounts(
    'junk\n1 0 8:1 / /a\\040b\\011c\\134d\\134040 rw shared:1 master:2 - ext4 /dev/sda1 rw\n9 9 9:9\n',
  );
  expect(mounts.map(({ path }) => path)).toEqual(['/a b\tc\\d\\040']);
});

test('where a machine starts from the network its own disks are shown all the same', () => {
  const mounts = parseMounts('1 0 0:30 / / rw - nfs4 a:/ rw\n2 1 8:1 / /scratch rw - ext4 /dev/sda1 rw\n');
  expect(diskMounts(mounts).map(({ path }) => path)).toEqual(['/scratch']);
});

test('in a container without the machine, the disk below it is shown as /, and not again as a volume', () => {
  using machine = new Machine();
  machine.add(`/proc/self/mountinfo <<
1 0 0:80 / / rw - overlay overlay rw
2 1 8:1 /volumes/state /var/lib/sealcast/state rw - ext4 /dev/sda1 rw
3 1 8:1 /containers/x/hosts /etc/hosts rw - ext4 /dev/sda1 rw
4 1 8:17 / /backup rw - ext4 /dev/sdb1 rw
.
space / 0:80 1000 500
space /var/lib/sealcast/state 8:1 1000 500
space /backup 8:17 900 100`);
  expect(new DiskSpace(machine.root, machine.probe, nowhere).read(0)).toEqual([
    { mount: '/', device: 'overlay', type: 'overlay', total: 1000, free: 500 },
    { mount: '/backup', device: 'sdb1', type: 'ext4', total: 900, free: 100 },
  ]);
});

test('a disk of the machine that a container sees only a part of is shown whole, under its own name', () => {
  using machine = new Machine();
  machine.add(`/proc/1/mountinfo <<
1 0 8:2 / / rw - ext4 /dev/sda2 rw
2 1 8:1 / /boot/efi rw - vfat /dev/sda1 rw
.
/own <<
1 0 0:80 / / rw - overlay overlay rw
2 1 8:2 /volumes/state /state rw - ext4 /dev/sda2 rw
.
space / 0:80 77 7
space /state 8:2 1000 500`);
  expect(new DiskSpace(machine.root, machine.probe, `${machine.root}/own`).read(0)).toEqual([
    { mount: '/', device: 'sda2', type: 'ext4', total: 1000, free: 500 },
  ]);
});

test('the files that an engine puts into every container show the disk of the machine, where that is asked for', () => {
  using machine = new Machine();
  const own = `1 0 0:80 / / rw - overlay overlay rw
2 1 8:2 /docker/containers/x/hosts /etc/hosts rw - ext4 /dev/sda2 rw
`;
  machine.add(`/proc/1/mountinfo <<\n1 0 8:2 / / rw - ext4 /dev/sda2 rw\n.\n/own <<\n${own}.`);
  machine.setSpace('/', { device: deviceNumber('0:80'), total: 77, free: 7 });
  machine.setSpace('/etc/hosts', { device: deviceNumber('8:2'), total: 1000, free: 500, isFile: true });
  expect(new DiskSpace(machine.root, machine.probe, `${machine.root}/own`).read(0)).toEqual([
    { mount: '/', device: 'sda2', type: 'ext4', total: 1000, free: 500 },
  ]);
});

test('a file that is mounted over another is no disk of the machine', () => {
  using machine = new Machine();
  machine.write('/proc/1/mountinfo', '2 1 8:2 /x /etc/secret rw - ext4 /dev/sda2 rw\n');
  machine.setSpace('/etc/secret', { device: deviceNumber('8:2'), total: 1000, free: 500, isFile: true });
  expect(mountsOf(machine)).toEqual([]);
});

test('no more than 64 disks are told, / among them', () => {
  using machine = new Machine();
  const lines = Array.from({ length: 100 }, (_, i) => `${i} 1 8:${i} / /disk${i} rw - ext4 /dev/sd${i} rw`);
  machine.write('/proc/1/mountinfo', `${[...lines, '200 0 8:200 / / rw - ext4 /dev/sdx rw'].join('\n')}\n`);
  const probe = (folder: string) => {
    const path = folder.slice(machine.root.length);
    return { device: deviceNumber(`8:${path === '/' ? 200 : path.slice(5)}`), total: 9, free: 3 };
  };
  const disks = new DiskSpace(machine.root, probe, nowhere).read(0);
  expect(disks).toHaveLength(64);
  expect(disks[0]?.mount).toBe('/');
});

test('a device number is put together as the C library does', () => {
  expect(['8:1', '259:3', '0:300', '4096:1048575'].map(deviceNumber)).toEqual([
    0x801,
    0x10303,
    0x10002c,
    0x1000_0000_0000 + 0xfff000ff,
  ]);
});

test('this machine has a / that is as large as the system says', () => {
  const { blocks, bfree, bavail, bsize } = statfsSync('/');
  const top = new DiskSpace('').read(0).find(({ mount }) => mount === '/');
  expect(top?.total).toBeLessThanOrEqual(blocks * bsize);
  const slack = 2 ** 30;
  expect(Math.abs((top?.total ?? 0) - (blocks - bfree + bavail) * bsize)).toBeLessThan(slack);
  expect(top?.free).toBeLessThan(blocks * bsize);
});

test('a disk is as full as df says, whatever it keeps for root', () => {
  const [line = ''] = execFileSync('df', ['--output=pcent', '/'], { encoding: 'utf8' }).trim().split('\n').slice(-1);
  const top = new DiskSpace('').read(0).find(({ mount }) => mount === '/');
  if (top === undefined) throw new Error('this machine has no /');
  const percent = (100 * (top.total - top.free)) / top.total;
  expect(Math.abs(percent - Number.parseInt(line, 10))).toBeLessThanOrEqual(1);
});

test('no space is told of what is neither a folder nor a file', () => {
  expect(probeSpace('/dev/null')).toBeUndefined();
  expect(probeSpace(nowhere)).toBeUndefined();
});

test('a file tells of the disk that it lies on', () => {
  expect(probeSpace(import.meta.filename)).toMatchObject({ isFile: true });
  expect(probeSpace(import.meta.filename)?.total).toBeGreaterThan(2 ** 20);
});
