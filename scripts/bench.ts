// scripts/bench starts this once everything is built; what it does is said there.
import { arch, availableParallelism, cpus } from 'node:os';
import { parseArgs, styleText } from 'node:util';
import { rawSeals, reports } from './bench-channel.ts';
import { type Joins, joins } from './bench-joins.ts';
import { nodeFigures, type NodeFigures } from './bench-node.ts';
import type { Rate } from './bench-rates.ts';

interface Figures {
  machine: typeof machine;
  seals: Rate[];
  report: { frameBytes: number; rates: Rate[] };
  joins: Joins;
  node: NodeFigures;
}

const mebibyte = 2 ** 20;
const machine = {
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  arch: arch(),
  node: process.version,
};

const number = (value: number): string => Math.round(value).toLocaleString('en');
const mebibytes = (bytes: number): string => `${(bytes / mebibyte).toFixed(1)} MiB`;
const row = (label: string, ...cells: string[]): string =>
  `  ${label.padEnd(26)}${cells.map((cell) => cell.padStart(14)).join('')}`;
const heading = (title: string, ...what: string[]): string =>
  ['', styleText('bold', title), ...what.map((line) => styleText('dim', line))].join('\n');
const say = (line: string): void => console.error(`bench: ${line}`);

function rateTable(rates: Rate[]): string {
  return [
    row('', 'a second', 'median', '99 % within'),
    ...rates.map(({ what, perSecond, medianMicroseconds, p99Microseconds }) =>
      row(what, number(perSecond), `${medianMicroseconds.toFixed(1)} µs`, `${p99Microseconds.toFixed(1)} µs`),
    ),
  ].join('\n');
}

function tables({ seals, report, joins: joined, node }: Figures): string {
  return [
    `\n${machine.cpu}, ${machine.cores} cores, ${machine.arch}, Node ${machine.node}; rates are of one thread`,
    heading(
      'Any bytes',
      'EnvelopeKey, by which every session and broadcast seals and opens: metadata, nonce, AAD, AES-256-GCM and tag,',
      'without schema, CBOR and replay window',
    ),
    rateTable(seals),
    heading(
      `A REPORT of one sample, a frame of ${report.frameBytes} bytes`,
      'Session, whole: schema, CBOR, seal; and seal, replay window, CBOR, schema',
    ),
    rateTable(report.rates),
    heading(
      "Joins, the master's side",
      'MasterJoins: RSA-OAEP, X25519, ML-KEM-768, Ed25519, HKDF, AES-256-GCM; without the roster on disk and the nodes.',
      "OpenSSL's part: RSA-OAEP, X25519 three times, ML-KEM-768 and Ed25519 twice alone, which bound it on this machine",
    ),
    rateTable(joined.steps),
    row('whole joins', number(joined.perSecond)),
    row("OpenSSL's part, at best", number(joined.operations.perSecond)),
    heading(
      'A node',
      `The bundled one: ${node.reports} reports to a master on this machine within ${node.seconds.toFixed(0)} s`,
    ),
    row('resident memory', mebibytes(node.resident)),
    row('of it private, written', mebibytes(node.privateWritten)),
    row('private in all', mebibytes(node.privateInAll)),
    row('CPU', `${node.cpuPercent.toFixed(2)} %`, 'of one core'),
    '',
  ].join('\n');
}

async function measure(): Promise<Figures> {
  say('sealing and opening');
  const seals = await rawSeals();
  const report = await reports();
  say('joining');
  const joined = await joins();
  say('a node, for a minute');
  return { machine, seals, report, joins: joined, node: await nodeFigures() };
}

try {
  const { values } = parseArgs({ options: { json: { type: 'boolean' } } });
  const figures = await measure();
  console.log(values.json === true ? JSON.stringify(figures, null, 2) : tables(figures));
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
