// A backup as it is read, from a file or from standard input.
import { once } from 'node:events';
import { createReadStream, statSync } from 'node:fs';
import { basename } from 'node:path';
import { BackupError } from '../backup/backup-error.ts';
import { CommandError } from '../command/failures.ts';
import { fileFault, isDenied } from '../terminal/file-fault.ts';
import type { Screen } from '../terminal/screen.ts';
import { bytes, percent } from '../terminal/quantity.ts';

/** `file` is a path, or `-` for standard input. Rejects with CommandError where it can't be opened; what fails later is a BackupError. */
export async function openFile(screen: Screen, file: string): Promise<AsyncIterable<Uint8Array>> {
  if (file === '-') return measured(screen, process.stdin, undefined);
  const stream = createReadStream(file);
  await once(stream, 'open').catch((cause: unknown) => {
    const instead = isDenied(cause) ? `; it is sealed, so let others read it: chmod a+r ${basename(file)}` : '';
    throw new CommandError(`${fileFault(file, 'read', cause)}${instead}`, { cause });
  });
  const stat = statSync(file);
  if (stat.isDirectory()) throw new CommandError(`${file} is a folder`);
  return measured(screen, readable(file, stream), stat.isFile() ? stat.size : undefined);
}

/** A disk that fails is told as that, and not taken for a file that is damaged. */
async function* readable(
  file: string,
  stream: AsyncIterable<Uint8Array> & NodeJS.EventEmitter,
): AsyncGenerator<Uint8Array> {
  let fault: BackupError | undefined;
  stream.once('error', (cause) => {
    fault = new BackupError(fileFault(file, 'read', cause), { cause });
  });
  try {
    yield* stream;
  } catch (error) {
    throw fault ?? error;
  }
}

async function* measured(
  screen: Screen,
  chunks: AsyncIterable<Uint8Array>,
  total: number | undefined,
): AsyncGenerator<Uint8Array> {
  let count = 0;
  for await (const chunk of chunks) {
    count += chunk.length;
    screen.progress(
      `opening ${total === undefined ? bytes(count) : `${percent((count / total) * 100)} of ${bytes(total)}`}`,
    );
    yield chunk;
  }
}
