import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { Segmented } from '../piece/choice.tsx';
import { Copied } from '../piece/copied.tsx';
import {
  carriedLine,
  type Fetcher,
  installAddress,
  installLine,
  removeLine,
  takeOutLine,
  type Way,
} from '@sealcast/master/install/install-line';

const ways = [
  { value: 'service', label: 'As a service' },
  { value: 'container', label: 'In a container' },
] as const;
const fetchers = [
  { value: 'curl', label: 'curl' },
  { value: 'wget', label: 'wget' },
  { value: 'hand', label: 'By hand' },
] as const;

/** How the machine gets its node from this master, and how it is rid of it again. `host` is null for an invite through a relay. */
export function InstallLines(props: { invite: string; program: string; host: string | null }): JSX.Element {
  const { invite, program, host } = props;
  const way = useSignal<Way>('service');
  // A relay passes on the nodes' messages alone: who needs one has no way to this page.
  const fetcher = useSignal<Fetcher | 'hand'>(host === null ? 'hand' : 'curl');
  const needs = (
    <>
      It needs a 64-bit Linux with {way.value === 'service' ? 'systemd, or else with Docker' : 'Docker'}, and root or
      sudo.
    </>
  );
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
      {fetcher.value === 'hand' ? (
        <>
          {host === null && (
            <p>
              A machine behind a relay can’t fetch from this master: the relay passes on no files. Carry them there.
            </p>
          )}
          <Copied label="Run this where the master is, in its folder" text={takeOutLine} />
          <p class="quiet">
            It makes a folder <code>install</code>. Take that to the machine, by <code>scp</code> or on a stick.
          </p>
          <Copied label="Run this on the machine, beside the folder" text={carriedLine(invite, way.value)} />
          <p class="quiet">{needs} What is in the folder it takes only if the invite pins it.</p>
        </>
      ) : (
        <>
          <Copied
            label="Run this on the machine"
            text={installLine({
              invite,
              program,
              from: installAddress(document.baseURI, host),
              way: way.value,
              fetcher: fetcher.value,
            })}
          />
          <p class="quiet">{needs} What it fetches from this master it runs only if the hash in the line is right.</p>
        </>
      )}
      <Copied label="Run this to remove the node again" text={removeLine} />
    </>
  );
}
