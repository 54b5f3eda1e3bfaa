import { randomBytes } from 'node:crypto';
import { Refusal } from '@sealcast/channel/errors';
import { formatInvite, parseInvite, type Invite } from '@sealcast/channel/invite';
import { inviteFile, inviteList } from './files.ts';
import { Complaint } from './findings.ts';
import { hashCode, labelOf, readInviteList, writeInviteList, type ListedInvite } from './invite-list.ts';
import { noteInvites, type FoundInvite, type PinnedKeys } from './invite-notes.ts';
import { day } from './lifetime.ts';
import type { Settings } from './settings.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';

const codeLength = 16;

/**
 * The first invites, one a node, and the list of their hashes. The list is written first: the master takes no code that
 * is not in it. Where a run was cut short between the two, the invites lie unfinished in nodes_dir, and are finished now.
 * `keys` is undefined where something is wrong with one of them; an invite that is there may pin one of `olderRsa`, too.
 */
export function planInvites(
  survey: Survey,
  keys: PinnedKeys | undefined,
  olderRsa: readonly Buffer[],
  settings: Settings,
  now: Date,
): Step[] {
  const { invites: numbers } = settings;
  const list = survey.read(inviteList, readInviteList) ?? [];
  const byLabel = new Map(list.map((listed) => [listed.label, listed]));
  const there = new Map(numbers.map((number) => [number, survey.read(inviteFile(number), readInvite)]));
  if (keys === undefined || survey.isFaulty(inviteList, ...numbers.map(inviteFile))) return [];

  const found: FoundInvite[] = [];
  const added: ListedInvite[] = [];
  const steps: Step[] = [];
  for (const number of numbers) {
    const file = inviteFile(number);
    const listed = byLabel.get(labelOf(number));
    const invite = there.get(number);
    if (invite !== undefined) {
      steps.push({ file, detail: lifetimeOf(invite, now) });
      found.push({ number, listed, invite, state: 'kept' });
      continue;
    }
    const made = listed === undefined ? makeInvite(keys, settings, now) : unfinishedOf(listed, survey.unfinished(file));
    found.push({ number, listed, invite, state: made === undefined ? 'gone' : 'made' });
    if (made === undefined) continue;
    if (listed === undefined) added.push({ hash: hashCode(made.code), expires: made.expires, label: labelOf(number) });
    steps.push({ file, detail: lifetimeOf(made, now), write: Buffer.from(`${formatInvite(made)}\n`) });
  }
  noteInvites(survey, found, { ...keys, olderRsa }, settings, now);
  return [listStep(survey, list, added), ...steps];
}

function listStep(survey: Survey, listed: ListedInvite[], added: ListedInvite[]): Step {
  const list = [...listed, ...added];
  const step = survey.step(
    inviteList,
    writeInviteList(list),
    `${list.length} ${list.length === 1 ? 'invite' : 'invites'}`,
  );
  const over = survey.file(inviteList)?.bytes;
  return over === undefined || added.length === 0 ? step : { ...step, write: writeInviteList(list), over };
}

function makeInvite(keys: PinnedKeys, settings: Settings, now: Date): Invite {
  const { mq_mechanism: mechanism } = settings;
  return {
    ...keys,
    mechanism,
    // PROTOCOL.md, The invite: all zero where the mechanism is not curve.
    curve: mechanism === 'curve' ? keys.curve : new Uint8Array(keys.curve.length),
    host: settings.mq_public_host,
    data: [settings.mq_sub_port, settings.mq_pub_port],
    join: [settings.mq_join_sub_port, settings.mq_join_pub_port],
    code: randomBytes(codeLength),
    expires: Math.floor(now.getTime() / 1000) + settings.init_invite_hours * 3600,
  };
}

function lifetimeOf({ expires }: { expires: number }, now: Date): string {
  const end = new Date(expires * 1000);
  return end > now ? `until ${day(end)}` : `expired on ${day(end)}`;
}

/** Throws Complaint. */
function readInvite(bytes: Buffer): Invite {
  try {
    return parseInvite(bytes.toString('utf8').trim());
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new Complaint('is no invite, or a damaged one.', 'Delete it, and make one for this node on the page.', {
      cause: error,
    });
  }
}

function unfinishedOf(listed: ListedInvite, files: Buffer[]): Invite | undefined {
  return files.map(readIfWhole).find((invite) => invite !== undefined && hashCode(invite.code) === listed.hash);
}

function readIfWhole(bytes: Buffer): Invite | undefined {
  try {
    return readInvite(bytes);
  } catch (error) {
    if (error instanceof Complaint) return undefined;
    throw error;
  }
}
