// The first file of a backup says what the others are (docs/backup.md).
import { Type, type Static } from 'typebox';
import { Check } from 'typebox/value';
import { BackupError } from './backup-error.ts';

export const manifestName = 'manifest.json';
export const settingsName = 'settings.env';
export const storeName = 'store/sealcast.db';
export const keyFolder = 'keys/';

const closed = { additionalProperties: false } as const;
const Size = Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });

const Manifest = Type.Object(
  {
    format: Type.Literal('sealcast-backup'),
    version: Type.Literal(1),
    /** Milliseconds since 1970. */
    made: Size,
    /** The program's version. */
    program: Type.String({ maxLength: 64 }),
    /** Of the store's shape. */
    schema: Size,
    /** Members when it was made. */
    nodes: Size,
    /** In the order in which they follow, with their bytes. */
    files: Type.Array(
      Type.Object(
        {
          name: Type.String({
            pattern: '^(settings\\.env|store/sealcast\\.db|keys/[A-Za-z0-9_-][A-Za-z0-9._-]{0,63})$',
          }),
          size: Size,
        },
        closed,
      ),
      { maxItems: 1000 },
    ),
  },
  closed,
);
export type Manifest = Static<typeof Manifest>;

/** Throws BackupError. */
export function parseManifest(text: string): Manifest {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new BackupError('the backup does not say what it holds', { cause });
  }
  if (typeof value === 'object' && value !== null && 'version' in value && value.version !== 1)
    throw new BackupError(`the backup is of the version ${String(value.version)}; this program reads version 1`);
  if (!Check(Manifest, value)) throw new BackupError('the backup does not say what it holds');
  const names = value.files.map(({ name }) => name);
  if (new Set(names).size !== names.length || !names.includes(storeName) || !names.includes(settingsName))
    throw new BackupError('the backup does not hold what it should');
  return value;
}
