import type { Signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { MadeInvite } from '../api/types.ts';
import { moment } from '../format/time.ts';
import { Copied } from '../piece/copied.tsx';
import { now } from '../state/clock.ts';
import { InstallLines } from './install-lines.tsx';
import { Joined } from './joined.tsx';
import { nodeLine } from '@sealcast/master/install/node-line';

/** The invite, this once: the master keeps only its hash. */
export function NewInviteBox({ made }: { made: Signal<MadeInvite | null> }): JSX.Element | null {
  const heading = useRef<HTMLHeadingElement>(null);
  const invite = made.value;
  useEffect(() => heading.current?.focus(), [invite?.id]);
  if (!invite) return null;
  return (
    <section class="new-invite">
      <h2 ref={heading} tabIndex={-1}>
        The invite is ready
      </h2>
      <p>
        It is shown this once. Whoever runs it first joins with it, one machine, until{' '}
        {moment(invite.expires * 1000, now.value)}.
      </p>
      <Joined invite={invite.id} />
      {invite.install === null ? (
        <>
          <p class="quiet">
            The machine needs Docker, a clone of the repository, and in it the image:{' '}
            <code>docker build -f Dockerfile.node -t sealcast-node:0.1.0 .</code>
          </p>
          <Copied label="Run this on the machine" text={nodeLine(invite.invite)} />
        </>
      ) : (
        <InstallLines invite={invite.invite} program={invite.install} host={invite.host} />
      )}
      <Copied label="Or take the invite alone" text={invite.invite} />
      <button
        type="button"
        class="button"
        onClick={() => {
          made.value = null;
        }}
      >
        Done, make another
      </button>
    </section>
  );
}
