import { type ReadonlySignal, type Signal, useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import type { NodeView, Sample } from '../api/types.ts';
import { beganAt } from '../chart/began.ts';
import { spanOf } from '../chart/span.ts';
import { useTrack } from '../chart/tracks.ts';
import { bytesOf, celsius, count, percent, rate } from '../format/quantity.ts';
import { clock, moment, preciseClock, uptime } from '../format/time.ts';
import { Ago } from '../piece/ago.tsx';
import { Meter, Value } from '../piece/figure.tsx';
import { levelOf } from '../piece/levels.ts';
import { machineLine } from '../piece/machine-line.ts';
import { Absence, StateMark } from '../piece/state-mark.tsx';
import { useVisible } from '../piece/visible.ts';
import { fullestDisk, hottest, nearest, type Row, rowAt, rowOf } from '../series/columns.ts';
import { now } from '../state/clock.ts';
import { picked, picking, togglePicked } from '../state/draft.ts';
import { cardMinutes, type Track } from '../state/histories.ts';
import { links } from '../state/route.ts';
import { CardRow, type Probe } from './card-row.tsx';

/** Half the time that one pixel of a card's line stands for, and a little more. */
const probeReachMs = 60_000;

function Head({ node }: { node: NodeView }): JSX.Element {
  const up = node.state === 'alive' ? node.sample?.uptime : undefined;
  return (
    <header class="card-head">
      <StateMark state={node.state} />
      <h3 class="card-name" title={node.name}>
        {picking.value ? (
          <label class="card-cover">
            <input type="checkbox" checked={picked.value.has(node.id)} onChange={() => togglePicked(node.id)} />
            {node.name}
          </label>
        ) : (
          <a class="card-cover" href={links.node(node.id)}>
            {node.name}
          </a>
        )}
      </h3>
      {up !== undefined && (
        <span class="card-up">
          up <b>{uptime(up)}</b>
        </span>
      )}
    </header>
  );
}

function Foot({ sample }: { sample: Sample }): JSX.Element {
  const disk = fullestDisk(sample);
  const heat = hottest(sample);
  return (
    <footer class="card-foot">
      {disk && (
        <div class="card-disk">
          <span class="card-mount" title={`Fullest disk: ${disk.mount}`}>
            <span class="label">Disk</span> {disk.mount}
          </span>
          <span title={bytesOf(disk.used, disk.total)}>
            <Value level={levelOf('disk', disk.share)}>{percent(disk.share)}</Value>{' '}
            <span class="quiet">{bytesOf(disk.used, disk.total)}</span>
          </span>
          <Meter share={disk.share} level={levelOf('disk', disk.share)} />
        </div>
      )}
      <div class="card-heat" title={heat ? `Hottest: ${heat.name}` : 'No temperature sensor'}>
        <span class="label">Temp</span>
        {heat ? <Value level={levelOf('temperature', heat.celsius)}>{celsius(heat.celsius)}</Value> : '–'}
      </div>
    </footer>
  );
}

/** Where the charts begin, while the node has less than their hour. */
function Began({ track }: { track: ReadonlySignal<Track | undefined> }): JSX.Element | null {
  const began = beganAt(track.value);
  return began === null ? null : <span class="peak">since {clock(began)}</span>;
}

function text(value: number | null, write: (value: number) => string): string {
  return value === null ? '–' : write(value);
}

/** A node on the fleet's page. Pointing at its charts shows what was measured then. */
export function NodeCard({ node: source }: { node: Signal<NodeView> }): JSX.Element {
  const node = source.value;
  const { sample } = node;
  const article = useRef<HTMLElement>(null);
  const visible = useVisible(article);
  const track = useTrack(node.id, cardMinutes, visible.value && sample !== null);
  const probe = useSignal<Probe | null>(null);

  const point = (event: PointerEvent) => {
    const box = article.current?.querySelector('.card-spark')?.getBoundingClientRect();
    const shown = track.value;
    if (!box || !shown || picking.value) return;
    const share = (event.clientX - box.left) / box.width;
    const { from, to } = spanOf(shown);
    const index = share < 0 || share > 1 ? -1 : nearest(shown.history.at, from + share * (to - from), probeReachMs);
    probe.value = index < 0 ? null : { index, share };
  };

  const then = probe.value && track.value ? rowAt(track.value.history, probe.value.index) : undefined;
  const row: Row | undefined = then ?? (sample ? rowOf(sample) : undefined);
  const shared = { track, visible, probe };

  return (
    <article
      ref={article}
      class={`card ${node.state}${picking.value && picked.value.has(node.id) ? ' picked' : ''}`}
      onPointerMove={point}
      onPointerLeave={() => {
        probe.value = null;
      }}
    >
      <Head node={node} />
      <p class="card-line">
        {then && track.value && probe.value ? (
          <span class="card-then">at {preciseClock(track.value.history.at[probe.value.index] ?? 0)}</span>
        ) : node.state === 'alive' ? (
          <span title={machineLine(node)}>{machineLine(node)}</span>
        ) : (
          <span class="card-absence">
            <Absence node={node} />
          </span>
        )}
      </p>
      {node.cloned && (
        <p class="card-alarm">
          <span class="sign" aria-hidden="true">
            ◆
          </span>
          Another machine is using this node’s identity
          <span class="card-alarm-more">
            since {moment(node.cloned.since, now.value)}
            {node.cloned.tries > 0 && `, ${count(node.cloned.tries, 'try', 'tries')}`}
          </span>
        </p>
      )}
      {node.keptOut && (
        <p class="card-alarm">
          <span class="sign" aria-hidden="true">
            ⊘
          </span>
          May not report: its key is refused
          <span class="card-alarm-more">
            by {node.keptOut.by}, since {moment(node.keptOut.since, now.value)}
          </span>
        </p>
      )}
      {!sample && (
        <p class="card-empty">
          Joined <Ago at={node.joinedAt} />. Its values stand here with its first report.
        </p>
      )}
      {sample && row && (
        <>
          <dl class="card-rows">
            <CardRow label="CPU" metrics={['cpu']} percent note={<Began track={track} />} {...shared}>
              <Value level={levelOf('cpu', row.cpu)}>{text(row.cpu, percent)}</Value>
              <span class="quiet"> load {text(row.load, (load) => load.toFixed(2))}</span>
            </CardRow>
            <CardRow label="Memory" metrics={['memory']} percent {...shared}>
              <Value level={levelOf('memory', row.memory)}>{text(row.memory, percent)}</Value>
              {!then && (
                <span class="quiet">
                  {' '}
                  {bytesOf(sample.memory.total - sample.memory.available, sample.memory.total)}
                </span>
              )}
            </CardRow>
            <CardRow label="Network" metrics={['received', 'sent']} {...shared}>
              <span class="pair">
                <span aria-label="in" role="img">
                  ↓
                </span>{' '}
                {text(row.received, rate)}
              </span>
              <span class="pair second">
                <span aria-label="out" role="img">
                  ↑
                </span>{' '}
                {text(row.sent, rate)}
              </span>
            </CardRow>
            <CardRow label="Disk I/O" metrics={['read', 'written']} {...shared}>
              <span class="pair">
                <span aria-label="read" role="img">
                  R
                </span>{' '}
                {text(row.read, rate)}
              </span>
              <span class="pair second">
                <span aria-label="written" role="img">
                  W
                </span>{' '}
                {text(row.written, rate)}
              </span>
            </CardRow>
          </dl>
          <Foot sample={sample} />
        </>
      )}
    </article>
  );
}
