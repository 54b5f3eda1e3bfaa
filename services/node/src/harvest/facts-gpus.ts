import { cleanLine } from './clean.ts';
import { readLinkName, readNames, readText, readWord } from './reading.ts';

const maxGpus = 16;

// Vendors of PCI devices that show pictures; a device's own name would need a database.
const vendors: Readonly<Record<string, string>> = {
  '0x1002': 'AMD',
  '0x1013': 'Cirrus Logic',
  '0x102b': 'Matrox',
  '0x10de': 'NVIDIA',
  '0x1234': 'QEMU',
  '0x1414': 'Microsoft',
  '0x15ad': 'VMware',
  '0x1a03': 'ASPEED',
  '0x1af4': 'Virtio',
  '0x1b36': 'Red Hat',
  '0x1d17': 'Zhaoxin',
  '0x1ed5': 'Moore Threads',
  '0x80ee': 'VirtualBox',
  '0x8086': 'Intel',
};

// Drivers of graphics on chips without PCI. Others under /sys/class/drm only move the picture to a screen.
const onChip = /^(v3d|vc4|panfrost|panthor|lima|msm|adreno|etnaviv|tegra|powervr|pvr|asahi|nouveau)/;

const broadcom: Readonly<Record<string, string>> = {
  'brcm,2711-v3d': 'Broadcom VideoCore VI',
  'brcm,2712-v3d': 'Broadcom VideoCore VII',
  'brcm,bcm2835-v3d': 'Broadcom VideoCore IV',
};

export function readGpus(root: string): string[] {
  return [...pciGpus(root), ...chipGpus(root)].slice(0, maxGpus).map(cleanLine);
}

function pciGpus(root: string): string[] {
  const devices = `${root}/sys/bus/pci/devices`;
  return readNames(devices)
    .filter((address) => readWord(`${devices}/${address}/class`).startsWith('0x03')) // display controllers
    .map((address) => {
      const folder = `${devices}/${address}`;
      const vendor = readWord(`${folder}/vendor`).toLowerCase();
      const named = readWord(`${folder}/product_name`) || nvidiaModel(root, address);
      if (named !== '') return named;
      const driver = readLinkName(`${folder}/driver`);
      const ids = `${vendor}:${readWord(`${folder}/device`).toLowerCase()}`.replaceAll('0x', '');
      return `${vendors[vendor] ?? 'GPU'} ${ids}${driver === '' ? '' : ` (${driver})`}`;
    });
}

function nvidiaModel(root: string, address: string): string {
  const text = readText(`${root}/proc/driver/nvidia/gpus/${address}/information`, 4096) ?? '';
  return /^Model:\s*(.+)$/m.exec(text)?.[1] ?? '';
}

function chipGpus(root: string): string[] {
  const cards = readNames(`${root}/sys/class/drm`)
    .filter((name) => /^card\d+$/.test(name))
    .map((card) => {
      const uevent = readText(`${root}/sys/class/drm/${card}/device/uevent`, 4096) ?? '';
      const compatible = /^OF_COMPATIBLE_0=(.+)$/m.exec(uevent)?.[1] ?? '';
      return { driver: /^DRIVER=(.+)$/m.exec(uevent)?.[1] ?? '', compatible };
    })
    .filter(({ driver, compatible }) => compatible !== '' && onChip.test(driver));
  // A Raspberry Pi has one for drawing (v3d) and one for its screens (vc4).
  const drawing = cards.some(({ driver }) => driver.startsWith('v3d'));
  return cards
    .filter(({ driver }) => !(drawing && driver.startsWith('vc4')))
    .map(({ driver, compatible }) => `${broadcom[compatible] ?? compatible.replace(',', ' ')} (${driver})`);
}
