// All that is known of one node.
import type { NodeView, Sample } from '@sealcast/master/fleet/views';
import { harmlessLine } from '../terminal/harmless.ts';
import { ago, bytes, duration, moment, percent } from '../terminal/quantity.ts';
import type { Screen } from '../terminal/screen.ts';
import { memoryUsed, stateCell } from './node-table.ts';

/** Ends in a line end. */
export function nodeText(node: NodeView, nowMs: number, { paint }: Screen): string {
  const { text, style } = stateCell(node);
  const seen = node.lastSeen === null ? 'never seen' : `seen ${ago(node.lastSeen, nowMs)}`;
  const rows: [string, string][] = [
    ['id', node.id],
    ['state', `${style === undefined ? text : paint(style, text)}, ${seen}`],
    ['joined', moment(node.joinedAt)],
    ...factRows(node),
    ...(node.sample === null ? [] : sampleRows(node, node.sample)),
    ['reports', `every ${node.interval} s`],
  ];
  if (node.cloned !== null)
    rows.push(['clone', `a second machine has this identity, since ${moment(node.cloned.since)}`]);
  const lines = rows.map(([label, value]) => `  ${paint('dim', label.padEnd(10))}${value}\n`);
  return `${paint('bold', harmlessLine(node.name))}\n${lines.join('')}`;
}

function factRows({ facts }: NodeView): [string, string][] {
  if (facts === null) return [];
  const { cpu } = facts;
  const machine = [facts.vendor, facts.model].filter((part) => part !== '').join(' ');
  return [
    ['host', harmlessLine(facts.name)],
    ['machine', harmlessLine(machine)],
    ['system', harmlessLine([facts.os, facts.kernel, facts.arch].filter((part) => part !== '').join(', '))],
    ['cpu', harmlessLine(`${cpu.model === '' ? 'unknown' : cpu.model}, ${cpu.cores} cores, ${cpu.threads} threads`)],
    ['addresses', harmlessLine(facts.addresses.join(' '))],
    ['sealcast', harmlessLine(facts.version)],
  ].filter((row): row is [string, string] => row[1] !== '');
}

function sampleRows(node: NodeView, { cpu, load, memory, disks, temperatures, uptime }: Sample): [string, string][] {
  return [
    ['load', `${percent(cpu)} of the CPU, ${load.map((value) => value.toFixed(2)).join(' ')}`],
    ['memory', `${percent(memoryUsed(node) ?? 0)} of ${bytes(memory.total)}`],
    ...disks.map(({ mount, total, free }): [string, string] => [
      'disk',
      `${harmlessLine(mount)}: ${percent(total === 0 ? 0 : (1 - free / total) * 100)} of ${bytes(total)}`,
    ]),
    ...temperatures.map(({ name, celsius }): [string, string] => [
      'heat',
      `${harmlessLine(name)}: ${celsius.toFixed(1)} °C`,
    ]),
    ['up', duration(uptime)],
  ];
}
