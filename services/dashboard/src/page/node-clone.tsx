import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { letCloneIn } from '../api/calls.ts';
import type { NodeView } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { duration, fullMoment, moment } from '../format/time.ts';
import { Confirm } from '../piece/confirm.tsx';
import { now } from '../state/clock.ts';

/** That a second machine has this node's identity, and what to do about it. */
export function NodeClone({ node }: { node: NodeView }): JSX.Element | null {
  const asked = useSignal(false);
  const { cloned } = node;
  if (!cloned) return null;
  return (
    <section class="alarm" aria-labelledby="clone-head">
      <h2 id="clone-head">
        <span class="sign" aria-hidden="true">
          ◆
        </span>
        Another machine is using this node’s identity
      </h2>
      <p>
        Since{' '}
        <time dateTime={new Date(cloned.since).toISOString()} title={fullMoment(cloned.since)}>
          {moment(cloned.since, now.value)}
        </time>
        <span class="quiet"> ({duration(now.value - cloned.since)})</span>
        {cloned.tries > 0 && (
          <>
            , it has tried to join <b>{count(cloned.tries, 'time')}</b>
          </>
        )}
        . It is held out; what you see here comes from one machine alone.
      </p>
      <p>
        Most often a disk or an SD card was copied. On the copy, delete the node’s state folder and join with a new
        invite: it then is a node of its own.
      </p>
      <button
        type="button"
        class="button"
        aria-haspopup="dialog"
        onClick={() => {
          asked.value = true;
        }}
      >
        Let it in instead
      </button>
      {asked.value && (
        <Confirm
          id="let-in"
          title="Let the other machine in?"
          action="Let it in"
          doing="Letting it in…"
          run={() => letCloneIn(node.id)}
          onClose={() => {
            asked.value = false;
          }}
        >
          <p>
            The machine that is held out may join as <b>{node.name}</b> with its next try, and takes the place of the
            one that is connected now.
          </p>
          <p>Stop the program on that one first. While both run, one of them is held out again.</p>
        </Confirm>
      )}
    </section>
  );
}
