// The inside of a backup: a tar archive of plain files, in the order that its manifest gives.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import tar from 'tar-stream';
import { BackupError } from './backup-error.ts';
import { type Manifest, manifestName, parseManifest } from './manifest.ts';

const manifestMax = 2 ** 18;

export interface PackedFile {
  name: string;
  size: number;
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
}

/** `files` are those of the manifest, in its order. */
export async function* packed(manifest: Manifest, files: AsyncIterable<PackedFile>): AsyncGenerator<Uint8Array> {
  const pack = tar.pack();
  const first = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`);
  const mtime = new Date(manifest.made);
  async function fill(): Promise<void> {
    await add({ name: manifestName, size: first.length, chunks: [first] });
    for await (const file of files) await add(file);
    pack.finalize();
  }
  async function add({ name, size, chunks }: PackedFile): Promise<void> {
    const added = Promise.withResolvers<void>();
    const entry = pack.entry({ name, size, mode: 0o600, mtime }, (error) =>
      error ? added.reject(error) : added.resolve(),
    );
    await pipeline(Readable.from(chunks, { objectMode: false }), entry);
    await added.promise;
  }
  const filled = fill().catch((error: unknown) => pack.destroy(asError(error)));
  yield* bytesOf(pack);
  await filled;
}

export interface ArchiveReader {
  /** Hears of the manifest before any file; what it throws ends the reading. */
  manifest(manifest: Manifest): void | Promise<void>;
  /** Takes each file, and has to read it to its end. */
  file(name: string, size: number, chunks: AsyncIterable<Uint8Array>): Promise<void>;
}

/** Throws BackupError where the archive is not what its manifest says, to the byte and to the end, and whatever `reader` throws. */
export async function unpack(archive: AsyncIterable<Uint8Array>, reader: ArchiveReader): Promise<void> {
  const extract = tar.extract();
  const fed = pipeline(Readable.from(archive, { objectMode: false }), extract);
  // The loop below throws the same.
  fed.catch(() => undefined);
  const thrown: unknown[] = [];
  const careful: ArchiveReader = {
    manifest: (manifest) => noting(thrown, () => reader.manifest(manifest)),
    file: (name, size, chunks) => noting(thrown, () => reader.file(name, size, chunks)),
  };
  try {
    await readAll(extract, careful);
    await fed;
  } catch (cause) {
    if (cause instanceof BackupError || thrown.includes(cause)) throw cause;
    throw new BackupError('the backup is no whole archive', { cause });
  }
}

async function readAll(extract: tar.Extract, reader: ArchiveReader): Promise<void> {
  let expected: Manifest['files'] | undefined;
  for await (const entry of extract) {
    const { name, type, size } = entry.header;
    if (type !== 'file') throw new BackupError('the backup holds what is no plain file');
    if (expected === undefined) {
      if (name !== manifestName || size > manifestMax) throw new BackupError('the backup does not say what it holds');
      const manifest = parseManifest(await text(bytesOf(entry)));
      await reader.manifest(manifest);
      expected = [...manifest.files];
      continue;
    }
    const next = expected.shift();
    if (next?.name !== name || next.size !== size) throw new BackupError('the backup does not hold what it says');
    await reader.file(name, size, bytesOf(entry));
  }
  if (expected === undefined) throw new BackupError('the backup does not say what it holds');
  if (expected.length > 0) throw new BackupError('the backup does not hold all that it says');
}

/** What is thrown for a full disk, or by whoever reads, is not the archive's fault. */
async function noting(thrown: unknown[], act: () => void | Promise<void>): Promise<void> {
  try {
    await act();
  } catch (error) {
    thrown.push(error);
    throw error;
  }
}

/** tar-stream's streams say what they are not. */
function bytesOf(stream: AsyncIterable<unknown>): AsyncIterable<Uint8Array> {
  return Readable.from(stream, { objectMode: false });
}

async function text(chunks: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return Buffer.concat(parts).toString('utf8');
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
