/** A backup that can't be taken, opened or put back, in a sentence for its owner. */
export class BackupError extends Error {
  override readonly name = 'BackupError';
}
