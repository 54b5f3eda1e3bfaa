import { hostname, machine as arch, networkInterfaces, totalmem, uptime } from 'node:os';
import { factsSchema } from '@sealcast/channel/payloads';
import * as v from 'valibot';
import { expect, test } from 'vitest';
import { readFacts } from '../../../services/node/src/harvest/facts.ts';
import { Machine } from './machine.ts';

const version = '1.2.3';

function factsOf(recording: string) {
  using machine = new Machine(recording);
  return readFacts(machine.root, { version });
}

function factsWith(files: string) {
  using machine = new Machine();
  machine.add(files);
  return readFacts(machine.root, { version });
}

function core(part: string): string {
  return `processor : 0\nCPU implementer : 0x41\nCPU part : ${part}\n\n`;
}

function local(address: string): string {
  return `  |-- ${address}\n     /32 host LOCAL\n`;
}

test('a Raspberry Pi 4 tells what it is', () => {
  expect(factsOf('raspberry-pi-4')).toEqual({
    name: 'attic',
    os: 'Debian GNU/Linux 12 (bookworm)',
    kernel: '6.6.51+rpt-rpi-v8',
    arch: 'aarch64',
    version,
    vendor: 'Raspberry Pi',
    model: 'Raspberry Pi 4 Model B Rev 1.4',
    cpu: { model: 'Cortex-A72 (BCM2711)', cores: 4, threads: 4 },
    memory: 3884360 * 1024,
    boot: 1790000000000,
    disks: [
      { name: 'mmcblk0', model: 'SC32G', size: 62333952 * 512 },
      { name: 'sda', model: 'Samsung Portable SSD T5', size: 976773168 * 512 },
    ],
    gpus: ['Broadcom VideoCore VI (v3d)'],
    addresses: ['2001:db8:1:2::40', '192.168.1.40', '100.101.102.103', 'fd7a:115c:a1e0::7'],
  });
});

test('a Raspberry Pi 5 tells what it is, also where only /proc has its device tree', () => {
  expect(factsOf('raspberry-pi-5')).toMatchObject({
    name: 'cellar',
    vendor: 'Raspberry Pi',
    model: 'Raspberry Pi 5 Model B Rev 1.0',
    cpu: { model: 'Cortex-A76 (BCM2712)', cores: 4, threads: 4 },
    disks: [{ name: 'nvme0n1', model: 'WD Blue SN580 250GB', size: 500118192 * 512 }],
    gpus: ['Broadcom VideoCore VII (v3d)'],
  });
});

test('a server tells its cores apart from its threads, its disks from what is made of them, and what its maker left out', () => {
  const { disks, ...facts } = factsOf('server');
  expect(facts).toMatchObject({
    name: 'barn',
    os: 'Ubuntu 24.04.3 LTS',
    vendor: 'ASRock',
    model: 'X670E Pro RS',
    cpu: { model: 'AMD Ryzen 9 7950X 16-Core Processor', cores: 16, threads: 32 },
    gpus: ['NVIDIA GeForce RTX 4090', 'AMD 1002:164e (amdgpu)'],
  });
  expect(disks.map(({ name, model }) => [name, model])).toEqual([
    ['nvme0n1', 'Samsung SSD 990 PRO 2TB'],
    ['nvme1n1', 'Samsung SSD 990 PRO 2TB'],
    ['sda', 'ST16000NM001G-2K'],
  ]);
});

test('cores are told apart from threads by /sys where /proc does not', () => {
  using machine = new Machine('server');
  machine.remove('/proc/cpuinfo');
  expect(readFacts(machine.root, { version }).cpu).toEqual({ model: '', cores: 16, threads: 32 });
});

test('a laptop is known by the name on its lid, and its cores by their ids', () => {
  expect(factsOf('laptop')).toMatchObject({
    name: 'shed',
    os: 'Fedora Linux 42 (Workstation Edition)',
    vendor: 'LENOVO',
    model: 'ThinkPad L14 Gen 3',
    cpu: { model: 'Intel Core i5-1235U', cores: 2, threads: 3 },
    gpus: ['Intel 8086:46a8 (i915)'],
  });
});

test('a virtual machine has no maker, no graphics, and addresses without those of its containers', () => {
  expect(factsOf('virtual-machine')).toMatchObject({
    vendor: '',
    model: '',
    cpu: { model: 'AMD EPYC', cores: 2, threads: 2 },
    disks: [{ name: 'vda', model: '', size: 274877906944 }],
    gpus: [],
    addresses: ['192.0.2.2', 'fd00::2'],
  });
});

test('what makers leave in the place of a name is no name', () => {
  for (const text of [
    'To Be Filled By O.E.M.',
    'Default string',
    'System manufacturer',
    'Not Specified',
    'O.E.M.',
    '0123456789',
    'None',
    ' ',
    '........',
  ]) {
    const { vendor, model } = factsWith(
      `/sys/class/dmi/id/sys_vendor = ${text}\n/sys/class/dmi/id/product_name = ${text}`,
    );
    expect({ text, vendor, model }).toEqual({ text, vendor: '', model: '' });
  }
  const kvm = factsWith(
    '/sys/class/dmi/id/sys_vendor = QEMU\n/sys/class/dmi/id/product_name = Standard PC (Q35 + ICH9, 2009)',
  );
  expect(kvm).toMatchObject({ vendor: 'QEMU', model: 'Standard PC (Q35 + ICH9, 2009)' });
});

test('a processor with two kinds of cores names both, and a board its maker', () => {
  using machine = new Machine();
  machine.write('/proc/cpuinfo', core('0xd05').repeat(4) + core('0xd0b').repeat(4));
  machine.write('/sys/firmware/devicetree/base/model', 'Radxa ROCK 5B\0');
  machine.write('/sys/firmware/devicetree/base/compatible', 'radxa,rock-5b\0rockchip,rk3588\0');
  expect(readFacts(machine.root, { version })).toMatchObject({
    vendor: 'radxa',
    model: 'Radxa ROCK 5B',
    cpu: { model: '4 × Cortex-A55 + 4 × Cortex-A76 (RK3588)', cores: 8, threads: 8 },
  });
});

test('an Arm core that is not known leaves the chip’s name, and the version of an architecture is no name', () => {
  using machine = new Machine();
  machine.write(
    '/proc/cpuinfo',
    'processor : 0\nmodel name : ARMv7 Processor rev 3 (v7l)\nCPU implementer : 0x7f\nCPU part : 0x1\n',
  );
  machine.write('/proc/device-tree/model', 'Some Board\0');
  machine.write('/proc/device-tree/compatible', 'maker,board\0maker,chip9\0');
  expect(readFacts(machine.root, { version }).cpu).toEqual({ model: 'CHIP9', cores: 1, threads: 1 });
});

test('the graphics of a chip are named as its device tree has them', () => {
  const gpu = factsWith(
    '/sys/class/drm/card1/device/uevent <<\nDRIVER=panthor\nOF_COMPATIBLE_0=arm,mali-valhall-csf\n.',
  ).gpus;
  expect(gpu).toEqual(['arm mali-valhall-csf (panthor)']);
});

test('addresses of the Internet come first, and those that nobody can reach or that soon change not at all', () => {
  using machine = new Machine();
  const ipv4 = ['10.0.0.7', '127.0.0.1', '169.254.7.7', '203.0.113.9', '172.18.0.1'];
  machine.write('/proc/net/fib_trie', ipv4.map(local).join(''));
  machine.write(
    '/proc/net/route',
    'Iface\tDestination\tGateway\tF\tR\tU\tM\tMask\nbr-12\t000012AC\t00000000\t1\t0\t0\t0\t0000FFFF\n',
  );
  const ipv6 = [
    '20010db8000000000000000000000001 02 40 00 80 eth0',
    '20010db80000000000000000000000ff 02 40 00 20 eth0',
    'fe800000000000000000000000000001 02 40 20 80 eth0',
    '20010db80000000000000000000000aa 02 40 00 80 docker0',
  ];
  machine.write('/proc/net/if_inet6', ipv6.join('\n'));
  expect(readFacts(machine.root, { version }).addresses).toEqual(['203.0.113.9', '2001:db8::1', '10.0.0.7']);
});

test('a name that is set takes the place of the host name', () => {
  using machine = new Machine('server');
  expect(readFacts(machine.root, { name: 'big one', version }).name).toBe('big one');
});

test('a machine of which nothing can be read still has valid facts', () => {
  const facts = factsWith('');
  expect(v.parse(factsSchema, facts)).toEqual(facts);
  expect(facts).toMatchObject({
    name: 'unknown',
    os: '',
    vendor: '',
    cpu: { model: '', cores: 1, threads: 1 },
    memory: 0,
    disks: [],
  });
});

test('facts of every recorded machine are valid', () => {
  for (const name of ['raspberry-pi-4', 'raspberry-pi-5', 'server', 'laptop', 'virtual-machine']) {
    const facts = factsOf(name);
    expect(v.parse(factsSchema, facts)).toEqual(facts);
  }
});

test('this machine tells of itself what the system does', () => {
  const facts = readFacts('', { version });
  expect(v.parse(factsSchema, facts)).toEqual(facts);
  expect(facts).toMatchObject({ name: hostname(), arch: arch(), memory: totalmem() });
  expect(Math.abs(facts.boot - (Date.now() - uptime() * 1000))).toBeLessThan(5000);
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address }) => address),
  );
  expect(own).toEqual(expect.arrayContaining(facts.addresses));
});
