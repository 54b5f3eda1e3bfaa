import type { ComponentChildren, JSX } from 'preact';
import type { Sample } from '../api/types.ts';
import { bytes, celsius, percent, rate } from '../format/quantity.ts';
import { Meter, Value } from '../piece/figure.tsx';
import { levelOf } from '../piece/levels.ts';
import { takenShare } from '../series/columns.ts';

function Section({ title, children }: { title: string; children: ComponentChildren }): JSX.Element {
  return (
    <section class="part">
      <h2>{title}</h2>
      {children}
    </section>
  );
}

/** Every core as a bar. */
export function Cores({ sample }: { sample: Sample }): JSX.Element | null {
  if (sample.cores.length === 0) return null;
  return (
    <Section title="Cores">
      <ul class={`cores${sample.cores.length > 32 ? ' many' : ''}`}>
        {sample.cores.map((share, i) => (
          <li key={i} title={`Core ${i}: ${percent(share)}`}>
            <span class="core-name">{i}</span>
            <Meter share={share} />
            <span class="core-share">{percent(share)}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

export function Disks({ sample }: { sample: Sample }): JSX.Element | null {
  if (sample.disks.length === 0) return null;
  return (
    <Section title="Disks">
      <div class="sheet">
        <table class="part-table">
          <thead>
            <tr>
              <th scope="col">Mount</th>
              <th scope="col" class="wide">
                Device
              </th>
              <th scope="col" class="number used">
                Used
              </th>
              <th scope="col" class="number">
                Free
              </th>
              <th scope="col" class="number wide">
                Size
              </th>
            </tr>
          </thead>
          <tbody>
            {sample.disks.map(({ mount, device, type, total, free }) => {
              const share = takenShare(total, free) ?? 0;
              return (
                <tr key={mount}>
                  <th scope="row" title={mount}>
                    {mount}
                  </th>
                  <td class="wide quiet" title={device}>
                    {device} · {type}
                  </td>
                  <td class="number used">
                    <span class="share">
                      <Value level={levelOf('disk', share)}>{percent(share)}</Value>
                      <Meter share={share} level={levelOf('disk', share)} />
                    </span>
                  </td>
                  <td class="number">{bytes(free)}</td>
                  <td class="number wide">{bytes(total)}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

export function DiskTraffic({ sample }: { sample: Sample }): JSX.Element | null {
  if (sample.io.length === 0) return null;
  return (
    <Section title="Disk I/O">
      <div class="sheet">
        <table class="part-table">
          <thead>
            <tr>
              <th scope="col">Device</th>
              <th scope="col" class="number">
                Read
              </th>
              <th scope="col" class="number">
                Written
              </th>
              <th scope="col" class="number busy">
                Busy
              </th>
            </tr>
          </thead>
          <tbody>
            {sample.io.map(({ device, read, written, busy }) => (
              <tr key={device}>
                <th scope="row" title={device}>
                  {device}
                </th>
                <td class="number">{rate(read)}</td>
                <td class="number">{rate(written)}</td>
                <td class="number busy">{percent(busy)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

export function Interfaces({ sample }: { sample: Sample }): JSX.Element | null {
  if (sample.interfaces.length === 0) return null;
  return (
    <Section title="Interfaces">
      <div class="sheet">
        <table class="part-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col" class="number">
                In
              </th>
              <th scope="col" class="number">
                Out
              </th>
            </tr>
          </thead>
          <tbody>
            {sample.interfaces.map(({ name, received, sent }) => (
              <tr key={name}>
                <th scope="row" title={name}>
                  {name}
                </th>
                <td class="number">{rate(received)}</td>
                <td class="number">{rate(sent)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Section>
  );
}

export function Temperatures({ sample }: { sample: Sample }): JSX.Element | null {
  if (sample.temperatures.length === 0) return null;
  return (
    <Section title="Temperatures">
      <ul class="sensors">
        {sample.temperatures.map((sensor, i) => (
          <li key={i}>
            <span title={sensor.name}>{sensor.name}</span>
            <Value level={levelOf('temperature', sensor.celsius)}>{celsius(sensor.celsius)}</Value>
          </li>
        ))}
      </ul>
    </Section>
  );
}
