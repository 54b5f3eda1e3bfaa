import type { JSX } from 'preact';
import type { Policy } from '../api/types.ts';
import { count } from '../format/quantity.ts';
import { PolicyFile } from './policy-file.tsx';

const takes: Record<Policy['level'], string> = {
  observe: 'Messages and reporting intervals.',
  operate: 'Messages, reporting intervals, and new identities.',
  admin: 'Everything, and any program to run.',
};

/** What a node says that it lets be done. */
export function NodePolicy({ policy }: { policy: Policy }): JSX.Element {
  const { level, allowed, more } = policy;
  return (
    <section class="part" aria-labelledby="policy-head">
      <h2 id="policy-head">What it lets be done</h2>
      <dl class="facts">
        <div>
          <dt>Policy</dt>
          <dd>
            <b>{level}</b> <span class="quiet">{takes[level]}</span>
          </dd>
        </div>
        {allowed.length + more > 0 && (
          <div>
            <dt>And singly</dt>
            {allowed.map((each, i) => (
              <dd key={i}>
                <code>{each}</code>
              </dd>
            ))}
            {more > 0 && <dd class="quiet">{count(more, 'allowance')} more that it does not tell</dd>}
          </div>
        )}
        <div>
          <dt>Says who</dt>
          <dd class="quiet">
            The node, of its own file: <PolicyFile />. It decides by that, and nothing sent from here changes it.
          </dd>
        </div>
      </dl>
    </section>
  );
}
