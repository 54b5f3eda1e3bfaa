import type { JSX } from 'preact';
import type { NodeView } from '../api/types.ts';
import { duration, fullMoment, moment } from '../format/time.ts';
import { Copied } from '../piece/copied.tsx';
import { now } from '../state/clock.ts';

/** That the operator's own list keeps this node from reporting, and what to write into it. */
export function NodeKeptOut({ node }: { node: NodeView }): JSX.Element | null {
  const { keptOut } = node;
  if (!keptOut) return null;
  return (
    <section class="alarm" aria-labelledby="kept-out-head">
      <h2 id="kept-out-head">
        <span class="sign" aria-hidden="true">
          ⊘
        </span>
        This node has joined, but may not report
      </h2>
      <p>
        Since{' '}
        <time dateTime={new Date(keptOut.since).toISOString()} title={fullMoment(keptOut.since)}>
          {moment(keptOut.since, now.value)}
        </time>
        <span class="quiet"> ({duration(now.value - keptOut.since)})</span>, its connections to the data ports are
        refused: <code>{keptOut.by}</code>, which this master was set to ask, does not let its key in.
      </p>
      <p>
        {keptOut.by === 'mq_zap_file'
          ? 'If it is to report, add this line to that file. It is read again by itself, and the node comes within a minute.'
          : 'If it is to report, have that program allow this key. The node tries again within a minute.'}
      </p>
      <Copied label="Its key" text={keptOut.hopKey} />
    </section>
  );
}
