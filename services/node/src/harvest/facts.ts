import type { Facts } from '@sealcast/channel/payloads';
import { attempt } from './attempt.ts';
import { cleanName } from './clean.ts';
import { readAddresses } from './facts-addresses.ts';
import { readBoard } from './facts-board.ts';
import { readCpu } from './facts-cpu.ts';
import { readDisks } from './facts-disks.ts';
import { readGpus } from './facts-gpus.ts';
import { readArch, readBoot, readHostName, readKernel, readOs } from './facts-system.ts';
import { MemoryUse } from './memory.ts';

/** What does not change while the machine runs. `name` is what it shall be called in place of its host name. */
export function readFacts(root: string, { name, version }: { name?: string | undefined; version: string }): Facts {
  return {
    name: name ? cleanName(name) : attempt(() => readHostName(root), 'unknown'),
    os: attempt(() => readOs(root), ''),
    kernel: attempt(() => readKernel(root), ''),
    arch: attempt(() => readArch(root), 'unknown'),
    version: cleanName(version),
    ...attempt(() => readBoard(root), { vendor: '', model: '' }),
    cpu: attempt(() => readCpu(root), { model: '', cores: 1, threads: 1 }),
    memory: attempt(() => new MemoryUse(root).read().memory.total, 0),
    boot: attempt(() => readBoot(root), 0),
    disks: attempt(() => readDisks(root), []),
    gpus: attempt(() => readGpus(root), []),
    addresses: attempt(() => readAddresses(root), []),
  };
}
