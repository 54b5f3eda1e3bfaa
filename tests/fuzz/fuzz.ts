// Runs a target: FUZZ_RUNS inputs are spread over all of them by their shares. FUZZ_SEED repeats what a failure names.
import assert from 'node:assert/strict';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';

/** Every target, and how much of all inputs is its own: what is dear to try gets less. */
const shares = {
  'HELLO at the master, bytes': 60,
  'HELLO at the master, contents': 30,
  'CONFIRM at the master, bytes': 60,
  'CONFIRM at the master, contents': 60,
  'OFFER at the node, contents': 30,
  'WELCOME at the node, contents': 40,
  'REFUSAL at the node, contents': 40,
  'join frames at the node, bytes': 60,
  'session up, bytes': 80,
  'session up, contents': 80,
  'session down, bytes': 80,
  'session down, contents': 80,
  'BROADCAST, bytes': 60,
  'BROADCAST, contents': 40,
  'CBOR, values and bytes': 100,
  'CBOR, payload schemas': 80,
  'invite line': 50,
  'hop line': 20,
  'ZAP requests': 10,
  'ZMTP frames': 60,
  Z85: 60,
  'key files of init': 20,
  'account and hash of init': 30,
  'keys of the master': 8,
  'joins at a whole master': 8,
  'messages at a whole master': 40,
  'HTTP signed in': 8,
  'HTTP signed out': 8,
  'HTTP behind a proxy': 8,
  'identity.json': 10,
  'master.json': 10,
  'spool of a node': 4,
  'commands of a node': 2,
  'policy of a node': 60,
  'relay.json': 10,
  '/proc and /sys, samples': 6,
  '/proc and /sys, facts': 4,
} as const;

export type Target = keyof typeof shares;

const defaultRuns = 4000;
const longRuns = 100_000;
/** So many inputs share what a bench is made of; the event loop is let in between. */
const chunkRuns = 500;
/** So few show already what a target is asserted to meet. */
const leastRuns = 80;
const shownCharacters = 2000;
/** Bytes: heap and buffers outside it, after the last chunk above what they were after the first, garbage collected each time. */
const growthMax = 16 * 2 ** 20;

const totalRuns = numberOf('FUZZ_RUNS') ?? defaultRuns;
const seed = numberOf('FUZZ_SEED');

/** What takes the inputs of a target. */
export interface Bench<Input> {
  inputs: fc.Arbitrary<Input>;
  /** Throws where a property does not hold. Gives how it ended. */
  take: (input: Input) => string | Promise<string>;
  /** Whether all is still well after the last input. */
  after?: () => void | Promise<void>;
  [Symbol.asyncDispose]?: () => Promise<void>;
}

function numberOf(name: string): number | undefined {
  const text = process.env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new Error(`${name}: expected a whole number`);
  return value;
}

function runsOf(target: Target): number {
  const all = Object.values(shares).reduce((sum, share) => sum + share, 0);
  const runs = Math.max(leastRuns, Math.ceil((totalRuns * shares[target]) / all));
  // What failed somewhere in a chunk of a long run is met again in one whole chunk.
  return seed === undefined ? runs : Math.max(runs, chunkRuns);
}

/** @returns how many inputs ended how */
export async function fuzz<Input>(
  target: Target,
  newBench: () => Bench<Input> | Promise<Bench<Input>>,
): Promise<Record<string, number>> {
  const runs = runsOf(target);
  const firstSeed = seed ?? Math.floor(Math.random() * 2 ** 31);
  const outcomes: Record<string, number> = {};
  let ran = 0;
  let before: number | undefined;
  for (let chunk = 0; ran < runs; chunk++) {
    const numRuns = Math.min(chunkRuns, runs - ran);
    const ended = await runChunk(newBench, numRuns, (firstSeed + chunk) | 0);
    for (const end of ended) outcomes[end] = (outcomes[end] ?? 0) + 1;
    assert.ok(ended.length >= numRuns, `${target}: ran ${ended.length} inputs of ${numRuns}`);
    ran += numRuns;
    await setImmediate();
    if (totalRuns >= longRuns) before ??= bytesInUse();
  }
  if (before !== undefined) tellMemory(target, ran, before, outcomes);
  return outcomes;
}

async function runChunk<Input>(
  newBench: () => Bench<Input> | Promise<Bench<Input>>,
  numRuns: number,
  chunkSeed: number,
): Promise<string[]> {
  const ended: string[] = [];
  const bench = await newBench();
  try {
    const property = fc.asyncProperty(bench.inputs, async (input) => void ended.push(await bench.take(input)));
    const run = await fc.check(property, { numRuns, seed: chunkSeed, endOnFailure: false });
    if (run.failed) throw failure(run);
    await bench.after?.();
  } catch (cause) {
    throw new Error(`FUZZ_SEED=${chunkSeed} repeats it: ${String(cause)}`, { cause });
  } finally {
    await bench[Symbol.asyncDispose]?.();
  }
  return ended;
}

/** Inputs can be long; the seed and the path lead to the whole of it. */
function failure<Input>(run: fc.RunDetails<[Input]>): Error {
  const { seed: failed, counterexamplePath, counterexample, errorInstance } = run;
  const input = fc.stringify(counterexample?.[0]).slice(0, shownCharacters);
  return new Error(`seed ${failed}, path ${counterexamplePath}, input ${input}`, { cause: errorInstance });
}

function bytesInUse(): number {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect !== 'function') throw new Error('the garbage cannot be collected');
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function tellMemory(target: Target, ran: number, before: number, outcomes: Record<string, number>): void {
  const growth = bytesInUse() - before;
  console.log(`${target}: ${ran} inputs, memory ${growth >= 0 ? '+' : ''}${Math.round(growth / 1024)} KiB`, outcomes);
  assert.ok(growth <= growthMax, `${target}: ${growth} bytes more in use after ${ran} inputs, above ${growthMax}`);
}
