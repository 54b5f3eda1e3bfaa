import type { JSX } from 'preact';
import type { NodeView } from '../api/types.ts';
import { bytes, count } from '../format/quantity.ts';
import { fullMoment, moment } from '../format/time.ts';
import { machineOf } from '../piece/machine-line.ts';
import { now } from '../state/clock.ts';

function cpuOf({ model, cores, threads }: { model: string; cores: number; threads: number }): string {
  const parts = cores === threads ? count(cores, 'core') : `${count(cores, 'core')}, ${count(threads, 'thread')}`;
  return model === '' ? parts : `${model} (${parts})`;
}

/** What a machine says of itself. */
export function NodeFacts({ node }: { node: NodeView }): JSX.Element {
  const { facts } = node;
  const rows: [string, string | readonly string[], string?][] = [];
  if (facts) {
    rows.push(
      ['Machine', machineOf(facts)],
      ['System', facts.os],
      ['Kernel', facts.kernel],
      ['Architecture', facts.arch],
      ['Processor', cpuOf(facts.cpu)],
      ['Graphics', facts.gpus],
      ['Memory', bytes(facts.memory)],
      ['Drives', facts.disks.map(({ name, model, size }) => [name, bytes(size), model].filter(Boolean).join(' · '))],
      ['Addresses', facts.addresses],
      ['Started', moment(facts.boot, now.value), fullMoment(facts.boot)],
      ['Host name', facts.name],
      ['Sealcast', facts.version],
    );
  }
  rows.push(['Joined', moment(node.joinedAt, now.value), fullMoment(node.joinedAt)], ['Id', node.id]);
  return (
    <dl class="facts">
      {rows
        .filter(([, said]) => said.length > 0)
        .map(([name, said, title]) => (
          <div key={name}>
            <dt>{name}</dt>
            {typeof said === 'string' ? <dd title={title}>{said}</dd> : said.map((each, i) => <dd key={i}>{each}</dd>)}
          </div>
        ))}
    </dl>
  );
}
