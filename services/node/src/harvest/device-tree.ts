import { existsSync } from 'node:fs';
import { readText } from './reading.ts';

/** A property of the root of the device tree, which boards have in place of DMI; a list of texts. */
export function readDeviceTree(root: string, property: string): string[] {
  const folder = [`${root}/sys/firmware/devicetree/base`, `${root}/proc/device-tree`].find((path) => existsSync(path));
  const text = folder === undefined ? undefined : readText(`${folder}/${property}`, 4096);
  return (text ?? '').split('\0').filter((part) => part !== '');
}
