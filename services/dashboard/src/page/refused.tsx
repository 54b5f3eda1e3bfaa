import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../format/quantity.ts';
import { refusalWords } from '../piece/refusal-words.ts';
import { readRefusals, refusals } from '../state/refusals.ts';

const everyMs = 30_000;

/** What the master refused: quiet, at the foot of every page. */
export function Refused(): JSX.Element | null {
  useEffect(() => {
    void readRefusals();
    const timer = setInterval(() => void readRefusals(), everyMs);
    return () => clearInterval(timer);
  }, []);
  if (refusals.value === null) return null;
  const counts = Object.entries(refusals.value)
    .filter(([, number]) => number > 0)
    .toSorted(([, a], [, b]) => b - a);
  const all = counts.reduce((sum, [, number]) => sum + number, 0);
  if (all === 0) return <p>No frame refused since the master started.</p>;
  return (
    <details class="refused">
      <summary>{count(all, 'frame')} refused since the master started</summary>
      <p>
        Noise from the network, an old invite, a node that has to join anew, or somebody trying. Nothing refused had any
        effect.
      </p>
      <table>
        <thead class="unseen">
          <tr>
            <th scope="col">Frames</th>
            <th scope="col">Because</th>
            <th scope="col">Code</th>
          </tr>
        </thead>
        <tbody>
          {counts.map(([code, number]) => (
            <tr key={code}>
              <td class="number">{number.toLocaleString('en-GB')}</td>
              <td>{refusalWords[code] ?? ''}</td>
              <td>
                <code>{code}</code>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
