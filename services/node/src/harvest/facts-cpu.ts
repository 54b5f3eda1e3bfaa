import { armCore } from './arm-cores.ts';
import { cleanLine } from './clean.ts';
import { readDeviceTree } from './device-tree.ts';
import { readNames, readText, readWord } from './reading.ts';

/** The processor: its name, its cores, and its threads (what the system counts as processors). */
export function readCpu(root: string): { model: string; cores: number; threads: number } {
  const processors = parseCpuInfo(readText(`${root}/proc/cpuinfo`) ?? '');
  const online = readNames(`${root}/sys/devices/system/cpu`).filter((name) => /^cpu\d+$/.test(name));
  const threads = Math.max(processors.filter((entry) => entry.has('processor')).length || online.length, 1);
  const cores = Math.min(countCores(root, online) || countByIds(processors) || threads, threads);
  return { model: cleanLine(modelName(root, processors)), cores, threads };
}

/** Paragraphs of `key : value`. Keys are taken without regard to case; a key has its first value. */
function parseCpuInfo(text: string): ReadonlyMap<string, string>[] {
  return text.split(/\n\s*\n/).map((paragraph) => {
    const entry = new Map<string, string>();
    for (const line of paragraph.split('\n')) {
      const colon = line.indexOf(':');
      const key = line.slice(0, Math.max(colon, 0)).trim().toLowerCase();
      if (key !== '' && !entry.has(key)) entry.set(key, line.slice(colon + 1).trim());
    }
    return entry;
  });
}

// Threads of one core name the same list of siblings.
function countCores(root: string, online: string[]): number {
  const siblings = online.map((cpu) => {
    const topology = `${root}/sys/devices/system/cpu/${cpu}/topology`;
    return readWord(`${topology}/core_cpus_list`) || readWord(`${topology}/thread_siblings_list`);
  });
  return new Set(siblings.filter((list) => list !== '')).size;
}

function countByIds(processors: ReadonlyMap<string, string>[]): number {
  const ids = processors
    .filter((entry) => entry.has('core id'))
    .map((entry) => `${entry.get('physical id') ?? '0'}:${entry.get('core id')}`);
  return new Set(ids).size;
}

function modelName(root: string, processors: ReadonlyMap<string, string>[]): string {
  for (const key of ['model name', 'cpu model', 'cpu', 'uarch', 'isa']) {
    const name = processors.find((entry) => entry.has(key))?.get(key) ?? '';
    // On Arm "model name" is no more than the version of the architecture.
    if (name !== '' && !/^armv\d/i.test(name)) return name.replace(/\((r|tm|c)\)/gi, ' ');
  }
  const chip = chipName(root);
  const cores = armCores(processors);
  if (cores !== '' && chip !== '') return `${cores} (${chip})`;
  return cores || chip;
}

/** The names of the cores of an Arm processor; where it has several kinds, how many of each. */
function armCores(processors: ReadonlyMap<string, string>[]): string {
  const counts = new Map<string, number>();
  for (const entry of processors) {
    const name = armCore(entry.get('cpu implementer') ?? '', entry.get('cpu part') ?? '');
    if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const kinds = [...counts];
  if (kinds.length === 1) return kinds[0]?.[0] ?? '';
  return kinds.map(([name, count]) => `${count} × ${name}`).join(' + ');
}

// "brcm,bcm2711": the last name that a board goes by is that of its chip.
function chipName(root: string): string {
  const name = readDeviceTree(root, 'compatible').at(-1) ?? '';
  return name.slice(name.indexOf(',') + 1).toUpperCase();
}
