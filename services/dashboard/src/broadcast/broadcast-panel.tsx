import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../format/quantity.ts';
import { Ago } from '../piece/ago.tsx';
import { Icon } from '../piece/icons.tsx';
import { followed, followedCommand } from '../state/commands.ts';
import { closeDraft, folded, pickedHere } from '../state/draft.ts';
import { links } from '../state/route.ts';
import { DraftForm } from './draft-form.tsx';
import { Progress, Receipts } from './receipts.tsx';
import { audienceOf, What } from './what.tsx';

function Followed(): JSX.Element | null {
  const command = followedCommand.value;
  if (!command) return null;
  return (
    <div class="followed">
      <What action={command.action} />
      <p class="quiet">
        Sent to {audienceOf(command)}, <Ago at={command.issued} />
      </p>
      <div role="status">
        <Progress command={command} />
      </div>
      <Receipts command={command} />
      <p class="followed-foot">
        <button
          type="button"
          class="button"
          onClick={() => {
            followed.value = null;
          }}
        >
          Send another
        </button>
        <a href={links.broadcasts}>All broadcasts</a>
      </p>
    </div>
  );
}

/** Where it lies over the page, as panel.css has it. */
const narrow = matchMedia('(max-width: 939px)');

/**
 * Beside the page on a wide screen. On a phone over its lower part, where it folds to let nodes be picked, and goes when another page
 * comes; the draft is kept.
 */
export function BroadcastPanel(): JSX.Element {
  useEffect(() => {
    const leave = () => narrow.matches && closeDraft();
    addEventListener('hashchange', leave);
    return () => removeEventListener('hashchange', leave);
  }, []);
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.defaultPrevented) closeDraft();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
  return (
    <aside class={`panel${folded.value ? ' folded' : ''}`} aria-label="Broadcast">
      <header class="panel-head">
        <h2>{followed.value === null ? 'Broadcast' : 'Broadcast sent'}</h2>
        <button type="button" class="icon-button" aria-label="Close the broadcast panel" onClick={closeDraft}>
          <Icon name="close" />
        </button>
      </header>
      {folded.value && (
        <p class="panel-fold">
          <span>{count(pickedHere.value.length, 'node')} picked</span>
          <button
            type="button"
            class="button primary"
            onClick={() => {
              folded.value = false;
            }}
          >
            Continue
          </button>
        </p>
      )}
      <div class="panel-body">{followed.value === null ? <DraftForm /> : <Followed />}</div>
    </aside>
  );
}
