// `init rotate`: a new join key beside the old one, which the master still takes, so that no node has to be touched: each
// is told of the new one when it joins next, with the old one.
import { chmodSync, chownSync, linkSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { olderTransportKey, olderTransportNumber, transportForNodes, transportKey, transportPublic } from './files.ts';
import { fingerprint, planPair } from './key-pair.ts';
import { planOlderKeys } from './older-keys.ts';
import type { Survey } from './survey.ts';
import { transportPair } from './transport-pair.ts';
import { syncFolder, writeBeside } from './write.ts';

export interface Rotation {
  /** Carries it out. A run that is cut short leaves a whole key under each name; init writes the public halves anew. */
  readonly carryOut: () => void;
  /** The name that the key gets which was the newest. */
  readonly older: string;
  /** Short, for people. */
  readonly fingerprint: string;
}

/** Undefined where there is nothing to rotate or something is wrong; the survey's findings say what. */
export function planRotation(survey: Survey): Rotation | undefined {
  const { findings, folders } = survey;
  const found = survey.file(transportKey);
  const pair = planPair(transportPair, survey);
  if (found === undefined && pair !== undefined)
    findings.fault(survey.path(transportKey), 'is not there, so there is no key to change.', 'Run init first.');
  const olderKeys = planOlderKeys(survey).publicKeys;
  survey.checkRoom('keys');
  survey.checkRoom('nodes');
  if (pair === undefined || found === undefined || findings.faults.length > 0) return undefined;

  const numbers = folders.keys.names.map(olderTransportNumber).filter((number) => number !== undefined);
  const older = olderTransportKey(Math.max(0, ...numbers) + 1);
  const made = transportPair.make();
  const publicKey = transportPair.publicOf(made);
  // A node compares its invite, which may pin one of the older keys, with those that it finds there.
  const forNodes = Buffer.concat(
    [publicKey, pair.publicKey, ...olderKeys].map((key) => transportPair.writePublic(key)),
  );
  const carryOut = () => {
    const { keys, nodes } = folders;
    const write = (folder: typeof keys, name: string, bytes: Buffer, mode: number) =>
      renameSync(writeBeside(join(folder.path, name), bytes, mode, folder.owner), join(folder.path, name));
    linkSync(survey.path(transportKey), survey.path(older));
    chmodSync(survey.path(older), older.mode);
    if (keys.owner !== undefined) chownSync(survey.path(older), keys.owner.uid, keys.owner.gid);
    syncFolder(keys.path);
    // A public half that is missing is written by init; one of another key would stop it.
    for (const file of [transportPublic, transportForNodes]) rmSync(survey.path(file), { force: true });
    write(keys, transportKey.name, made, transportKey.mode);
    write(keys, transportPublic.name, transportPair.writePublic(publicKey), transportPublic.mode);
    write(nodes, transportForNodes.name, forNodes, transportForNodes.mode);
    for (const folder of [keys, nodes]) syncFolder(folder.path);
  };
  return { carryOut, older: older.name, fingerprint: fingerprint(publicKey) };
}

export function rotationText(survey: Survey, { older, fingerprint: print }: Rotation): string {
  const { path } = survey.folders.keys;
  return `Made a new join key: ${survey.path(transportKey)} (${print}).
The one before is ${join(path, older)}: nodes and invites that still use it are taken as before.

1. Restart the master. Each node is told of the new key when it joins next: within an hour and a half.
2. When the master's log has no joins by an older key any more, and no invite of before is open, delete ${older},
   and restart the master once more. If the key was stolen, don't wait: withdraw open invites, delete it now, and
   invite the nodes that stay out anew.
`;
}
