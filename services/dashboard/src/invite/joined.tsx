import type { JSX } from 'preact';
import { Icon } from '../piece/icons.tsx';
import { nodeOf } from '../state/fleet.ts';
import { invites } from '../state/invites.ts';
import { links } from '../state/route.ts';

const ends = { expired: 'It has expired, unused.', withdrawn: 'It was withdrawn, unused.' };

/** What has become of an invite, as soon as it is known. */
export function Joined({ invite }: { invite: string }): JSX.Element {
  const found = invites.value?.find(({ id }) => id === invite);
  const by = found?.spentBy ?? null;
  return (
    <p class={`joined${by === null ? '' : ' done'}`} role="status">
      {by !== null ? (
        <>
          <Icon name="check" />
          <span>
            <a href={links.node(by)}>{nodeOf(by)?.value.name ?? 'A node'}</a> joined
          </span>
        </>
      ) : found?.state === 'expired' || found?.state === 'withdrawn' ? (
        ends[found.state]
      ) : (
        'Waiting for the machine to join…'
      )}
    </p>
  );
}
