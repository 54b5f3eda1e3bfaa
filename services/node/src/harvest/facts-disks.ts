import { existsSync } from 'node:fs';
import { whole } from './bounds.ts';
import { cleanLine, cleanName } from './clean.ts';
import { isWholeDisk } from './disk-io.ts';
import { readInteger, readNames, readWord } from './reading.ts';

const maxDisks = 64;
const sectorBytes = 512; // of /sys/block/*/size always

// Where the vendor only says how the disk is connected, or that it does not say.
const noVendor = /^(ata|usb|nvme|generic.*|0x[0-9a-f]+)?$/i;

/** The machine's disks, those that are devices of their own. */
export function readDisks(root: string): { name: string; model: string; size: number }[] {
  return readNames(`${root}/sys/block`)
    .filter((name) => isWholeDisk(root, name) && existsSync(`${root}/sys/block/${name}/device`))
    .filter((name) => !/^nvme\d+c\d+n/.test(name)) // one of several ways to the same disk
    .slice(0, maxDisks)
    .map((name) => ({
      name: cleanName(name.replaceAll('!', '/')),
      model: cleanLine(model(`${root}/sys/block/${name}/device`)),
      size: whole((readInteger(`${root}/sys/block/${name}/size`) ?? 0) * sectorBytes),
    }));
}

function model(device: string): string {
  const name = readWord(`${device}/model`) || readWord(`${device}/name`); // an SD card has a name
  const vendor = readWord(`${device}/vendor`);
  return name === '' || noVendor.test(vendor) || name.startsWith(vendor) ? name : `${vendor} ${name}`;
}
