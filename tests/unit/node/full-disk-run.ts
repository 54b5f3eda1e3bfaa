// What full-disk.test.ts has done by a process of its own, since a limit on the size of files is one of a whole process.
import { openCommandLog } from '@sealcast/node/command-log';
import { openSpool, type Spool } from '@sealcast/node/spool';
import { clockAt, harvestOf } from './state-folder.ts';

const [part = '', folder = ''] = process.argv.slice(2);

/** A hundred a second, so that they wait until they are flushed. */
function fill(spool: Spool, from: number, to: number): void {
  for (let tag = from; tag <= to; tag += 1) spool.append(harvestOf(tag), clockAt(tag / 100));
  spool.flush();
}

const look = (spool: Spool) => ({
  problem: spool.problem ?? '',
  tags: spool.oldest(Infinity, Infinity).map(({ harvest }) => harvest.uptime),
});

const parts: Record<string, () => unknown> = {
  'a file that grows': () => {
    const spool = openSpool(folder, { maxBytes: 64e6, maxAgeMs: 1e9 });
    fill(spool, 1, 3);
    const before = look(spool);
    fill(spool, 4, 60);
    const full = look(spool);
    spool.confirm(55);
    spool.flush();
    return { before, full, after: look(spool) };
  },
  'a new file': () => {
    const spool = openSpool(folder, { maxBytes: 64e6, maxAgeMs: 1e9 });
    fill(spool, 1, 60);
    const full = look(spool);
    spool.confirm(60);
    return { full };
  },
  commands: () => {
    const log = openCommandLog(folder, 8);
    return Array.from({ length: 40 }, (_, i) => {
      const id = (i + 1).toString(16).padStart(32, '0');
      try {
        log.begin(id, i);
        log.finish(id, 'done');
      } catch {
        // Told by its outcome.
      }
      return [id, log.outcomeOf(id)?.detail ?? 'done'];
    });
  },
};

process.stdout.write(JSON.stringify(parts[part]?.()));
