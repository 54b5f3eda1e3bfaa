import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Segmented } from '../piece/choice.tsx';
import { Copied } from '../piece/copied.tsx';
import { type Fetcher, installAddress, installLine, removeLine, type Way } from './install-line.ts';

const ways = [
  { value: 'service', label: 'As a service' },
  { value: 'container', label: 'In a container' },
] as const;
const fetchers = [
  { value: 'curl', label: 'curl' },
  { value: 'wget', label: 'wget' },
] as const;

/** How the machine gets its node from this master, and how it is rid of it again. */
export function InstallLines(props: { invite: string; program: string; host: string | null }): JSX.Element {
  const way = useSignal<Way>('service');
  const fetcher = useSignal<Fetcher>('curl');
  const from = installAddress(document.baseURI, props.host);
  const line = installLine({ ...props, from, way: way.value, fetcher: fetcher.value });
  return (
    <>
      <div class="install-choices">
        <Segmented
          legend="How the node runs"
          name="install-way"
          value={way.value}
          choices={ways}
          onChoose={(chosen) => {
            way.value = chosen;
          }}
        />
        <Segmented
          legend="What fetches it"
          name="install-fetcher"
          value={fetcher.value}
          choices={fetchers}
          onChoose={(chosen) => {
            fetcher.value = chosen;
          }}
        />
      </div>
      <Copied label="Run this on the machine" text={line} />
      <p class="quiet">
        It needs a 64-bit Linux with {way.value === 'service' ? 'systemd, or else with Docker' : 'Docker'}, and root or
        sudo. What it fetches from this master it runs only if the hash in the line is right.
      </p>
      <Copied label="Run this to remove the node again" text={removeLine} />
    </>
  );
}
