import type { JSX } from 'preact';
import type { Sample } from '../api/types.ts';
import { bytesOf, celsius, percent } from '../format/quantity.ts';
import { moment, uptime } from '../format/time.ts';
import { Value } from '../piece/figure.tsx';
import { levelOf } from '../piece/levels.ts';
import { fullestDisk, hottest, rowOf } from '../series/columns.ts';
import { now } from '../state/clock.ts';

/** The newest values of a node in one line; `aged` where it is away, and they are old. */
export function NodeFigures({ sample, aged }: { sample: Sample; aged: boolean }): JSX.Element {
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
            <span class="figure-whole">load {sample.load.map((load) => load.toFixed(2)).join(' · ')}</span>
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
            <span class="value">{uptime(sample.uptime)}</span>
          </dd>
        </div>
      </dl>
    </>
  );
}
