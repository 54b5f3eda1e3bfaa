// Decides what shall become of every file. Nothing is written here, and private keys that are to be made exist in
// memory alone.
import { mechanismWarning } from '@sealcast/runtime/mechanism-warning';
import { planAccount } from './account.ts';
import { planAuthority } from './authority.ts';
import { curvePair } from './curve-pair.ts';
import type { FolderName } from './files.ts';
import { planInvites } from './invites.ts';
import { planPair } from './key-pair.ts';
import { planMetricsToken } from './metrics-token.ts';
import { planOlderKeys } from './older-keys.ts';
import { day } from './lifetime.ts';
import { planServer } from './server-certificate.ts';
import type { Settings } from './settings.ts';
import { rawSigningKey, signingPair } from './signing-pair.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';
import { transportPair } from './transport-pair.ts';

// Machines without a clock of their own start in 1970, or when their system was built.
const clockIsWrongBefore = new Date('2026-01-01T00:00:00Z');

/** In the order in which they are to be written. Valid only if the survey's findings hold no fault afterwards. */
export async function plan(survey: Survey, settings: Settings, machine: string, now: Date): Promise<Step[]> {
  const warning = mechanismWarning(settings.mq_mechanism);
  if (warning !== undefined) survey.findings.warnings.push(warning);
  const transport = planPair(transportPair, survey);
  const older = planOlderKeys(survey);
  const signing = planPair(signingPair, survey);
  const curve = planPair(curvePair, survey);
  const authority = await planAuthority(survey, now);
  const server = await planServer(survey, authority?.authority, settings, machine, now);
  const account = planAccount(survey, settings.init_admin);
  const token = planMetricsToken(survey);
  const keys = transport &&
    signing &&
    curve && { rsa: transport.publicKey, signing: rawSigningKey(signing.publicKey), curve: curve.publicKey };
  const invites = planInvites(survey, keys, older.publicKeys, settings, now);

  const dated = [...(authority?.steps ?? []), ...server, ...invites];
  if (now < clockIsWrongBefore && dated.some(({ write }) => write !== undefined))
    survey.findings.fault(
      "this machine's clock",
      `says ${day(now)}; certificates and invites made now would be good for nothing.`,
      'Set the clock, and run init again.',
    );
  const steps = [
    ...[transport, older, signing, curve, authority].flatMap((part) => part?.steps ?? []),
    ...server,
    ...account,
    ...token,
    ...invites,
  ];
  for (const folder of ['keys', 'tls', 'nodes'] satisfies FolderName[])
    if (survey.folders[folder].access === undefined || steps.some((step) => step.write && step.file.folder === folder))
      survey.checkRoom(folder);
  return steps;
}
