import { accessSync, constants, existsSync } from 'node:fs';
import { link, open, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { takeBackup } from '../backup/take.ts';
import { placeOf } from '../backup/place.ts';
import { Scratch } from '../backup/scratch.ts';
import type { Call, Command } from '../command/command.ts';
import { CommandError, exitCodes, UsageError } from '../command/failures.ts';
import { version } from '../command/version.ts';
import { readSecret } from '../terminal/ask.ts';
import { fileFault } from '../terminal/file-fault.ts';
import { bytes, counted, percent } from '../terminal/quantity.ts';

export const passphraseOption = {
  'passphrase-file': {
    type: 'string',
    value: 'FILE',
    what: 'where the passphrase is, in one line; - is standard input',
  },
} as const;

export const backup: Command = {
  name: 'backup',
  what: 'keys, store and settings in one file under a passphrase',
  details: `It is taken where the master's files are, while the master runs, and goes to standard output without --out. Without the passphrase nobody can
open it, you included.

  docker compose exec -T master sealcast backup --passphrase-file - < passphrase > fleet.backup`,
  options: {
    out: { type: 'string', value: 'FILE', what: 'a file that is not there yet, and is whole once it is' },
    ...passphraseOption,
  },
  asks: 'nobody',
  async run(call) {
    call.operands();
    const { screen } = call;
    const out = call.text('out');
    if (out === undefined && screen.isTerminal)
      throw new UsageError('a backup is no text for a terminal; name a file with --out, or send it somewhere with >');
    if (call.json && out === undefined)
      throw new UsageError('--json and the backup want the same output; name a file with --out');
    if (out !== undefined) checkCanBeMade(out);
    const place = placeOf(call.env);
    const from = call.text('passphrase-file');
    const secret = { message: 'Passphrase', from, option: '--passphrase-file', isNew: true };
    const passphrase = await readSecret(screen, secret);
    screen.progress('copying the store');
    const taken = await takeBackup(place, passphrase, version, Date.now());
    const measured = measure(call, taken.sealed, taken.bytes);
    if (out === undefined) await pipeline(measured.chunks, process.stdout);
    else await writeWhole(measured.chunks, out);
    screen.progress('');
    const { nodes, made, files } = taken.manifest;
    if (call.json) screen.json({ file: out, bytes: measured.count(), made, nodes, files: files.length });
    else
      screen.note(
        `Backed up ${counted(nodes, 'node')} and ${counted(files.length - 2, 'key file')}: ${bytes(measured.count())}.`,
      );
    return exitCodes.done;
  },
};

/** Before anybody types a passphrase for what nobody can write. */
function checkCanBeMade(path: string): void {
  if (existsSync(path)) throw new CommandError(`${path} can't be made: file already exists; name another one`);
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (cause) {
    throw new CommandError(fileFault(path, 'made', cause), { cause });
  }
}

function measure(call: Call, chunks: AsyncIterable<Uint8Array>, total: number) {
  let count = 0;
  async function* counting(): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      count += chunk.length;
      call.screen.progress(`sealing ${percent(Math.min(100, (count / total) * 100))} of ${bytes(total)}`);
      yield chunk;
    }
  }
  return { chunks: counting(), count: () => count };
}

/** Under another name until it is whole and on disk. */
async function writeWhole(chunks: AsyncIterable<Uint8Array>, path: string): Promise<void> {
  using scratch = new Scratch(dirname(path));
  const unfinished = join(scratch.folder, 'backup');
  const file = await open(unfinished, 'wx', 0o600);
  try {
    await pipeline(
      chunks,
      new Transform({ transform: (chunk, _, done) => done(null, chunk) }),
      file.createWriteStream({ flush: true }),
    );
  } finally {
    await file.close().catch(() => undefined);
  }
  try {
    await link(unfinished, path);
  } catch (cause) {
    throw new CommandError(fileFault(path, 'made', cause), { cause });
  }
  await rm(unfinished);
}
