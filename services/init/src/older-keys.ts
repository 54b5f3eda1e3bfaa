import { olderTransportKey, olderTransportNumber } from './files.ts';
import { fingerprint } from './key-pair.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';
import { transportPair } from './transport-pair.ts';

/** The join keys that the master still takes beside the newest: checked and kept, never made. Public keys newest first. */
export function planOlderKeys(survey: Survey): { steps: Step[]; publicKeys: Buffer[] } {
  const numbers = survey.folders.keys.names.map(olderTransportNumber).filter((number) => number !== undefined);
  const found = numbers
    .toSorted((a, b) => b - a)
    .flatMap((number) => {
      const file = olderTransportKey(number);
      const publicKey = survey.read(file, (bytes) => transportPair.publicOf(bytes));
      return publicKey === undefined ? [] : [{ step: { file, detail: fingerprint(publicKey) }, publicKey }];
    });
  return { steps: found.map(({ step }) => step), publicKeys: found.map(({ publicKey }) => publicKey) };
}
