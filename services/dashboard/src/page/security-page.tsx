import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { count } from '../format/quantity.ts';
import { Icon } from '../piece/icons.tsx';
import { Notice } from '../piece/notice.tsx';
import { type Tally, tallies } from '../security/tallies.ts';
import { readRefusals, refusals, refusalsFault } from '../state/refusals.ts';
import { transport } from '../state/transport.ts';

const everyMs = 3000;

/** How often each reason had come when the page was opened. */
type Before = ReadonlyMap<string, number>;

function Row({ tally, before }: { tally: Tally; before: Before | null }): JSX.Element {
  const more = before ? tally.number - (before.get(tally.code) ?? 0) : 0;
  return (
    <li class="tally-row">
      <p class="tally-number">
        <b>{tally.number.toLocaleString('en-GB')}</b> {tally.of}
        {tally.number === 1 ? '' : 's'}
        {more > 0 && (
          <span class="tally-more" title="Since this page was opened">
            +{more.toLocaleString('en-GB')}
          </span>
        )}
      </p>
      <p class="tally-sentence">{tally.sentence}</p>
      <code class="tally-code">{tally.code}</code>
    </li>
  );
}

function Group(props: {
  id: string;
  title: string;
  line: string;
  list: readonly Tally[];
  before: Before | null;
}): JSX.Element | null {
  const { id, title, line, list, before } = props;
  if (list.length === 0) return null;
  return (
    <section class={`tallies ${id}`} aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <p class="quiet">{line}</p>
      <ul>
        {list.map((tally) => (
          <Row key={tally.code} tally={tally} before={before} />
        ))}
      </ul>
    </section>
  );
}

function Restarts(): JSX.Element | null {
  const restarts = transport.value?.restarts ?? 0;
  if (restarts === 0) return null;
  return (
    <p class="quiet">
      The wire was restarted {count(restarts, 'time')} since the master started. The master’s log says why.
    </p>
  );
}

/** What the master refused and cut, by reason, newest counts as they come. */
export function SecurityPage(): JSX.Element {
  const before = useSignal<Before | null>(null);
  useEffect(() => {
    const read = async () => {
      await readRefusals();
      const first = refusals.peek();
      before.value ??= first && new Map(tallies(first).map(({ code, number }) => [code, number]));
    };
    void read();
    const timer = setInterval(() => void read(), everyMs);
    return () => clearInterval(timer);
  }, []);
  const list = refusals.value && tallies(refusals.value);
  const suspects = list?.filter(({ suspect }) => suspect) ?? [];
  return (
    <div class="column security">
      <header class="page-head">
        <h1>Security</h1>
      </header>
      {refusalsFault.value !== null && (
        <Notice fault action={{ label: 'Try again', run: () => void readRefusals() }}>
          The counts could not be read. {refusalsFault.value}
        </Notice>
      )}
      {list?.length === 0 && (
        <section class="blank">
          <h2>Nothing refused</h2>
          <p>
            Since the master started, every frame was what it said to be and no connection had to be cut. What the
            master refuses is counted here by reason, as it comes.
          </p>
        </section>
      )}
      {list && list.length > 0 && (
        <>
          <p class="security-lead">
            Counted since the master started. What is refused is dropped unanswered and has changed nothing.
          </p>
          {suspects.length === 0 && (
            <p class="security-calm">
              <Icon name="check" />
              Nothing that suggests an attack.
            </p>
          )}
          <Group
            id="suspect"
            title="These suggest an attack"
            line="A defective program or a bad line can bring about some of them too. Many at once, or ever more, are worth a look."
            list={suspects}
            before={before.value}
          />
          <Group
            id="usual"
            title="These happen in a healthy fleet"
            line="Restarts, updates, old invites and machines that come and go."
            list={list.filter(({ suspect }) => !suspect)}
            before={before.value}
          />
        </>
      )}
      <Restarts />
    </div>
  );
}
