import { cleanLine } from './clean.ts';
import { readDeviceTree } from './device-tree.ts';
import { readWord } from './reading.ts';

// What makers leave in DMI where something should be filled in.
const placeholder =
  /^(to be filled.*|o\.?e\.?m\.?|default string|system (manufacturer|product name|version|name)|base board.*|not (specified|applicable|available|defined)|none|n\/a|na|unknown|undefined|invalid|empty|all series|type1.*|product name|sku|chassis.*|standard|x\.x|[0x.\s-]*|\.+|-+|\*+|1\.0|0?123456789.*)$/i;

/** Who made the machine and what it is called: from DMI, and from the device tree on boards that have no DMI. */
export function readBoard(root: string): { vendor: string; model: string } {
  const tree = readDeviceTree(root, 'model')[0];
  if (tree !== undefined) return { vendor: cleanLine(treeVendor(root, tree)), model: cleanLine(tree) };
  const dmi = (name: string) => {
    const text = cleanLine(readWord(`${root}/sys/class/dmi/id/${name}`));
    return placeholder.test(text) ? '' : text;
  };
  const vendor = dmi('sys_vendor') || dmi('board_vendor');
  // Lenovo gives the number of the type as the name, and the name as the version.
  const lenovo = /^lenovo$/i.test(vendor) ? dmi('product_version') : '';
  return { vendor, model: lenovo || dmi('product_name') || dmi('board_name') };
}

function treeVendor(root: string, model: string): string {
  if (model.startsWith('Raspberry Pi')) return 'Raspberry Pi';
  const compatible = readDeviceTree(root, 'compatible')[0] ?? '';
  return compatible.includes(',') ? compatible.slice(0, compatible.indexOf(',')) : '';
}
