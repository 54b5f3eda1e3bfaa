// scripts/demo starts this once everything is built; what it does is said there.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs, styleText } from 'node:util';
import { DemoFleet } from './demo-fleet.ts';

const nodeNames = ['demo-1', 'demo-2', 'demo-3'];
const checkTimeoutMs = 60_000;
const usualPort = 8080;
const megabyte = 2 ** 20;

const row = (label: string, value: string): string => `  ${styleText('dim', label.padEnd(10))}${value}`;
const say = (line: string): void => console.error(`demo: ${line}`);

const stopAsked = new Promise<string>((asked) => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => asked(signal));
});

/** Resolves once every node reports; `signal` ends the waiting. */
async function startEverything(fleet: DemoFleet, signal: AbortSignal): Promise<void> {
  await fleet.init(nodeNames.length);
  await fleet.startMaster();
  await fleet.client.signIn(fleet.admin.name, fleet.admin.password);
  const reporting = fleet.client.untilNodes(
    (nodes) => nodes.filter(({ state, sample }) => state === 'alive' && sample !== null).length === nodeNames.length,
    signal,
  );
  nodeNames.forEach((name, index) => fleet.startNode(name, index + 1));
  await reporting;
}

async function check(fleet: DemoFleet, signal: AbortSignal): Promise<string> {
  const start = performance.now();
  await startEverything(fleet, signal);
  const seconds = (performance.now() - start) / 1000;
  const command = await fleet.client.broadcast('Good morning, everyone.', signal);
  const confirmed = command.receipts.filter(({ outcome }) => outcome === 'done');
  const done = confirmed.length;
  const tookMs = Math.max(...confirmed.map(({ at }) => at ?? Infinity)) - command.issued;
  if (done !== nodeNames.length)
    throw new Error(
      `the broadcast was confirmed by ${done} of ${nodeNames.length}: ${JSON.stringify(command.receipts)}`,
    );
  const [master = 0, ...nodes] = fleet.programs.map((program) => program.residentMemory() / megabyte);
  return [
    `${nodes.length} nodes reported after ${seconds.toFixed(1)} s`,
    `a broadcast was confirmed by ${done} in ${tookMs} ms`,
    `resident memory: master ${master.toFixed(0)} MB, node ${Math.max(...nodes).toFixed(0)} MB`,
  ].join('; ');
}

async function runCheck(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-demo-'));
  try {
    await using fleet = await DemoFleet.at(folder, 0);
    const late = AbortSignal.timeout(checkTimeoutMs);
    const figures = await Promise.race([
      check(fleet, late),
      fleet.failure,
      stopAsked.then((signal) => Promise.reject(new Error(`interrupted by ${signal}`))),
      once(late, 'abort').then(() => Promise.reject(tooLate(fleet))),
    ]);
    await fleet.stop();
    console.log(`demo: ${figures}`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function tooLate(fleet: DemoFleet): Error {
  const said = fleet.programs.flatMap(({ name, lastLines }) => [
    `${name} said:`,
    ...lastLines.map((line) => `  ${line}`),
  ]);
  return new Error([`not done after ${checkTimeoutMs / 1000} s`, ...said].join('\n'));
}

function elsewhere(url: string): string {
  return new URL(url).port === String(usualPort) ? '' : `  (port ${usualPort} is taken by another program)`;
}

async function runUntilStopped(folder: string): Promise<void> {
  const inside = relative(process.cwd(), folder);
  const here = inside.startsWith('..') ? folder : inside;
  await using fleet = await DemoFleet.at(folder, usualPort);
  say(`starting a master and three nodes, with keys and data in ${here}`);
  const late = AbortSignal.timeout(checkTimeoutMs);
  const started = await Promise.race([
    startEverything(fleet, late),
    fleet.failure,
    stopAsked,
    once(late, 'abort').then(() => Promise.reject(tooLate(fleet))),
  ]);
  if (started === undefined) {
    const { name, password } = fleet.admin;
    console.log(
      [
        '',
        `  ${styleText('bold', 'Sealcast')} is running, and three nodes report to it. Open the page and sign in:`,
        '',
        row('page', styleText(['bold', 'cyan'], fleet.url) + elsewhere(fleet.url)),
        row('name', name),
        row('password', password),
        '',
        row('data', `${here}, used again next time; delete it to start afresh`),
        row('logs', `${here}/log, a file each of master and nodes`),
        '',
        '  It runs until Ctrl-C.',
        '',
      ].join('\n'),
    );
    await Promise.race([stopAsked, fleet.failure]);
  }
  say('stopping');
  await fleet.stop();
  say('stopped');
}

try {
  const { values } = parseArgs({ options: { check: { type: 'boolean' }, data: { type: 'string' } } });
  await (values.check === true ? runCheck() : runUntilStopped(resolve(values.data ?? 'data/demo')));
  // A signal that is still listened for would not keep this running; an open answer of the master could.
  process.exit(0);
} catch (error) {
  say(`failed: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
