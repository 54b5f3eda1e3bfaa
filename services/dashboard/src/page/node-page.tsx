import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import type { NodeView, Sample } from '../api/types.ts';
import { TimeChart } from '../chart/time-chart.tsx';
import { useTrack } from '../chart/tracks.ts';
import { bytesOf, celsius, percent } from '../format/quantity.ts';
import { duration, moment } from '../format/time.ts';
import { Ago } from '../piece/ago.tsx';
import { Segmented } from '../piece/choice.tsx';
import { Value } from '../piece/figure.tsx';
import { Icon } from '../piece/icons.tsx';
import { levelOf } from '../piece/levels.ts';
import { Absence, StateMark, stateWords } from '../piece/state-mark.tsx';
import { fullestDisk, hottest, rowOf } from '../series/columns.ts';
import { now } from '../state/clock.ts';
import { compose } from '../state/draft.ts';
import { fleetLoaded, nodeIds, nodeOf } from '../state/fleet.ts';
import { links } from '../state/route.ts';
import { machineLine } from '../piece/machine-line.ts';
import { NodeFacts } from './node-facts.tsx';
import { Cores, Disks, DiskTraffic, Interfaces, Temperatures } from './node-parts.tsx';

const spans = [
  { value: '15', label: '15 min' },
  { value: '60', label: '1 h' },
  { value: '360', label: '6 h' },
  { value: '1440', label: '24 h' },
] as const;

function Head({ node }: { node: NodeView }): JSX.Element {
  return (
    <header class="node-head">
      <a class="back" href={links.fleet}>
        <Icon name="back" />
        Fleet
      </a>
      <div class="node-title">
        <h1>
          <StateMark state={node.state} />
          {node.name}
        </h1>
        <p class="node-line">{machineLine(node)}</p>
        <p class="node-line">
          {node.state === 'alive' ? (
            <>
              {stateWords.alive}
              {node.lastSeen !== null && (
                <>
                  , reported <Ago at={node.lastSeen} />
                </>
              )}
              {', every '}
              {duration(node.interval * 1000)}
            </>
          ) : (
            <span class="card-absence">
              <Absence node={node} />
            </span>
          )}
        </p>
      </div>
      <button type="button" class="button" onClick={() => compose([node.id])}>
        <Icon name="broadcast" />
        Broadcast to it
      </button>
    </header>
  );
}

function Figures({ sample, aged }: { sample: Sample; aged: boolean }): JSX.Element {
  const row = rowOf(sample);
  const disk = fullestDisk(sample);
  const heat = hottest(sample);
  const { memory, swap } = sample;
  return (
    <>
      {aged && <p class="hint figures-age">The last values, from {moment(sample.at, now.value)}.</p>}
      <dl class={`summary figures${aged ? ' aged' : ''}`}>
        <div class="figure">
          <dt>CPU</dt>
          <dd>
            <Value level={levelOf('cpu', sample.cpu)}>{percent(sample.cpu)}</Value>
            <span class="figure-name">load {sample.load.map((load) => load.toFixed(2)).join(' · ')}</span>
          </dd>
        </div>
        <div class="figure">
          <dt>Memory</dt>
          <dd>
            <Value level={levelOf('memory', row.memory)}>{percent(row.memory ?? 0)}</Value>
            <span class="figure-name">{bytesOf(memory.total - memory.available, memory.total)}</span>
          </dd>
        </div>
        <div class="figure">
          <dt>Swap</dt>
          <dd>
            {row.swap === null ? (
              <span class="figure-name">none</span>
            ) : (
              <>
                <Value level={levelOf('swap', row.swap)}>{percent(row.swap)}</Value>
                <span class="figure-name">{bytesOf(swap.total - swap.free, swap.total)}</span>
              </>
            )}
          </dd>
        </div>
        {disk && (
          <div class="figure">
            <dt>Fullest disk</dt>
            <dd>
              <Value level={levelOf('disk', disk.share)}>{percent(disk.share)}</Value>
              <span class="figure-name" title={disk.mount}>
                {disk.mount}
              </span>
            </dd>
          </div>
        )}
        {heat && (
          <div class="figure">
            <dt>Hottest</dt>
            <dd>
              <Value level={levelOf('temperature', heat.celsius)}>{celsius(heat.celsius)}</Value>
              <span class="figure-name" title={heat.name}>
                {heat.name}
              </span>
            </dd>
          </div>
        )}
        <div class="figure">
          <dt>Up</dt>
          <dd>
            <span class="value">{duration(sample.uptime * 1000)}</span>
          </dd>
        </div>
      </dl>
    </>
  );
}

function Charts({ node, sample }: { node: NodeView; sample: Sample }): JSX.Element {
  const span = useSignal<(typeof spans)[number]['value']>('60');
  const track = useTrack(node.id, Number(span.value), true);
  const shared = { track, latest: node.state === 'alive' ? rowOf(sample) : null };
  const hasSwap = sample.swap.total > 0;
  return (
    <section aria-label="Charts">
      <div class="charts-head">
        <h2>History</h2>
        <Segmented
          legend="How far back"
          name="span"
          value={span.value}
          choices={spans}
          onChoose={(value) => {
            span.value = value;
          }}
        />
      </div>
      <div class="charts">
        <TimeChart label="CPU" scale="percent" {...shared} lines={[{ metric: 'cpu', label: 'CPU' }]} />
        <TimeChart
          key={hasSwap}
          label="Memory"
          scale="percent"
          {...shared}
          lines={[
            { metric: 'memory', label: 'memory' },
            ...(hasSwap ? [{ metric: 'swap', label: 'swap' } as const] : []),
          ]}
        />
        <TimeChart
          label="Network"
          scale="rate"
          {...shared}
          lines={[
            { metric: 'received', label: 'in' },
            { metric: 'sent', label: 'out' },
          ]}
        />
        <TimeChart
          label="Disk I/O"
          scale="rate"
          {...shared}
          lines={[
            { metric: 'read', label: 'read' },
            { metric: 'written', label: 'written' },
          ]}
        />
        <TimeChart label="Load, 1 min" scale="load" {...shared} lines={[{ metric: 'load', label: 'load' }]} />
        {sample.temperatures.length > 0 && (
          <TimeChart
            label="Hottest sensor"
            scale="celsius"
            {...shared}
            lines={[{ metric: 'temperature', label: 'temperature' }]}
          />
        )}
      </div>
    </section>
  );
}

/** Everything about one node. */
export function NodePage({ id }: { id: string }): JSX.Element {
  // A node that joins while its page is open appears.
  const node = nodeIds.value.includes(id) ? nodeOf(id)?.value : undefined;
  if (!node) {
    return (
      <section class="blank">
        <h2>{fleetLoaded.value ? 'No such node' : 'Reading the fleet…'}</h2>
        {fleetLoaded.value && <p>It may have been removed.</p>}
        <a class="button" href={links.fleet}>
          To the fleet
        </a>
      </section>
    );
  }
  const { sample } = node;
  return (
    <article class="node-page">
      <Head node={node} />
      {sample && <Figures sample={sample} aged={node.state !== 'alive'} />}
      {sample && <Charts node={node} sample={sample} />}
      <div class="parts">
        {sample && (
          <>
            <Cores sample={sample} />
            <Disks sample={sample} />
            <DiskTraffic sample={sample} />
            <Interfaces sample={sample} />
            <Temperatures sample={sample} />
          </>
        )}
        <section class="part">
          <h2>Machine</h2>
          <NodeFacts node={node} />
        </section>
      </div>
    </article>
  );
}
