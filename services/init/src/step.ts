import type { FileKind } from './files.ts';

/** What shall become of one file. */
export interface Step {
  readonly file: FileKind;
  /** What to write. A file without is there already and keeps its bytes. */
  readonly write?: Uint8Array;
  /** The bytes that `write` takes the place of: the list of invites grows, nothing else is ever replaced. */
  readonly over?: Uint8Array;
  /** For people, beside the file's name. */
  readonly detail: string;
}
