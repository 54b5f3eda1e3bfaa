import { useSignalEffect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { BroadcastPanel } from './broadcast/broadcast-panel.tsx';
import { AddPage } from './page/add-page.tsx';
import { BroadcastsPage } from './page/broadcasts-page.tsx';
import { FleetPage } from './page/fleet-page.tsx';
import { NodePage } from './page/node-page.tsx';
import { Refused } from './page/refused.tsx';
import { SecurityPage } from './page/security-page.tsx';
import { SignIn } from './page/sign-in.tsx';
import { TopBar } from './page/top-bar.tsx';
import { Notice } from './piece/notice.tsx';
import { preciseClock } from './format/time.ts';
import { closeDraft, composing } from './state/draft.ts';
import { allNodes, nodeOf } from './state/fleet.ts';
import { liveState, lostSince, startLive, stopLive } from './state/live.ts';
import { route } from './state/route.ts';
import { findSession, session } from './state/session.ts';
import { transport } from './state/transport.ts';

function Page(): JSX.Element {
  const here = route.value;
  if (here.page === 'node') return <NodePage key={here.id} id={here.id} />;
  if (here.page === 'broadcasts') return <BroadcastsPage />;
  if (here.page === 'add') return <AddPage />;
  if (here.page === 'security') return <SecurityPage />;
  return <FleetPage />;
}

function titleOf(): string {
  const here = route.value;
  const page = {
    fleet: 'Sealcast',
    node: `${here.page === 'node' ? (nodeOf(here.id)?.value.name ?? 'Node') : ''} – Sealcast`,
    broadcasts: 'Broadcasts – Sealcast',
    add: 'Add a node – Sealcast',
    security: 'Security – Sealcast',
  }[here.page];
  const away = allNodes.value.filter(({ state }) => state !== 'alive').length;
  return away === 0 ? page : `(${away} away) ${page}`;
}

function SignedIn({ name }: { name: string }): JSX.Element {
  useEffect(() => {
    startLive();
    return () => {
      stopLive();
      closeDraft();
    };
  }, []);
  useSignalEffect(() => {
    document.title = titleOf();
  });
  return (
    <div class={`frame${composing.value ? ' with-panel' : ''}`}>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.querySelector<HTMLElement>('#main')?.focus();
        }}
      >
        To the content
      </a>
      <TopBar name={name} />
      <main id="main" tabIndex={-1}>
        {liveState.value === 'lost' && (
          <Notice>
            Live updates lost{lostSince.value !== null && ` at ${preciseClock(lostSince.value)}`}, trying again. What
            you see may be old.
          </Notice>
        )}
        {transport.value?.up === false && (
          <Notice calm>The wire is being restarted; nodes will be back in a moment.</Notice>
        )}
        <Page />
        <footer class="foot">{route.value.page !== 'security' && <Refused />}</footer>
      </main>
      {composing.value && <BroadcastPanel />}
    </div>
  );
}

export function App(): JSX.Element {
  useEffect(() => {
    void findSession();
  }, []);
  const state = session.value;
  if (state.state === 'in') return <SignedIn name={state.name} />;
  if (state.state === 'out') return <SignIn notice={state.notice} />;
  return (
    <main class="starting" aria-busy={state.state === 'unknown'} aria-label="Sealcast">
      {state.state === 'unreachable' && (
        <Notice fault action={{ label: 'Try again', run: () => void findSession() }}>
          {state.reason}
        </Notice>
      )}
    </main>
  );
}
