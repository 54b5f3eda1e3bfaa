import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../format/quantity.ts';
import { sumOf } from '../security/tallies.ts';
import { readRefusals, refusals } from '../state/refusals.ts';
import { links } from '../state/route.ts';

const everyMs = 30_000;

/** What the master refused: quiet, at the foot of every page. */
export function Refused(): JSX.Element | null {
  useEffect(() => {
    void readRefusals();
    const timer = setInterval(() => void readRefusals(), everyMs);
    return () => clearInterval(timer);
  }, []);
  if (refusals.value === null) return null;
  const frames = sumOf(refusals.value.counts);
  const connections = sumOf(refusals.value.cuts);
  if (frames + connections === 0) return <p>Nothing refused since the master started.</p>;
  return (
    <p>
      <a href={links.security}>
        {frames > 0 && <>{count(frames, 'frame')} refused</>}
        {frames > 0 && connections > 0 && ' and '}
        {connections > 0 && <>{count(connections, 'connection')} cut</>}
      </a>{' '}
      since the master started.
    </p>
  );
}
