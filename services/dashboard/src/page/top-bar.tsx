import type { JSX } from 'preact';
import { Icon, type IconName, Seal } from '../piece/icons.tsx';
import { closeDraft, compose, composing } from '../state/draft.ts';
import { liveState } from '../state/live.ts';
import { links, type Route, route } from '../state/route.ts';
import { leave } from '../state/session.ts';
import { themeChoice, themes } from '../state/theme.ts';

const pages: { page: Route['page']; link: string; label: string; icon: IconName }[] = [
  { page: 'fleet', link: links.fleet, label: 'Fleet', icon: 'fleet' },
  { page: 'broadcasts', link: links.broadcasts, label: 'Broadcasts', icon: 'table' },
  { page: 'add', link: links.add, label: 'Add a node', icon: 'add' },
  { page: 'security', link: links.security, label: 'Security', icon: 'shield' },
];

const liveWords = { connecting: 'Connecting', live: 'Live', lost: 'Not live' };
const themeIcons = { system: 'system', light: 'sun', dark: 'moon' } as const satisfies Record<string, IconName>;
const themeNames = { system: 'as the system', light: 'light', dark: 'dark' };

function ThemeButton(): JSX.Element {
  const choice = themeChoice.value;
  const next = themes[(themes.indexOf(choice) + 1) % themes.length] ?? 'system';
  const name = `Theme: ${themeNames[choice]}. Change to ${themeNames[next]}`;
  return (
    <button
      type="button"
      class="icon-button"
      aria-label={name}
      title={name}
      onClick={() => {
        themeChoice.value = next;
      }}
    >
      <Icon name={themeIcons[choice]} />
    </button>
  );
}

export function TopBar({ name }: { name: string }): JSX.Element {
  const { page } = route.value;
  const open = composing.value;
  return (
    <header class="top">
      <a class="brand" href={links.fleet} aria-label="Sealcast, the fleet">
        <Seal />
        <span>Sealcast</span>
      </a>
      <nav class="nav" aria-label="Pages">
        {pages.map((each) => {
          const here = each.page === page || (each.page === 'fleet' && page === 'node');
          return (
            <a key={each.page} href={each.link} aria-current={here ? 'page' : undefined}>
              <Icon name={each.icon} />
              <span>{each.label}</span>
            </a>
          );
        })}
      </nav>
      <span class={`live ${liveState.value}`}>
        <span class="live-mark" aria-hidden="true" />
        {liveWords[liveState.value]}
      </span>
      <button
        type="button"
        class="button primary broadcast-button"
        aria-expanded={open}
        onClick={() => (open ? closeDraft() : compose())}
      >
        <Icon name="broadcast" />
        Broadcast
      </button>
      <ThemeButton />
      <button
        type="button"
        class="icon-button"
        aria-label={`Sign out ${name}`}
        title={`Sign out ${name}`}
        onClick={() => void leave()}
      >
        <Icon name="leave" />
      </button>
    </header>
  );
}
