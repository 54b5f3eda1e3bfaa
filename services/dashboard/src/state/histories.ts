import { type Signal, signal } from '@preact/signals';
import * as api from '../api/calls.ts';
import type { History, NodeView } from '../api/types.ts';
import { append, emptyHistory, withOutages } from '../series/columns.ts';
import { now } from './clock.ts';
import { nodeOf, onNodeNews } from './fleet.ts';

const minuteMs = 60_000;
const loadsAtOnce = 4;
/** A node that comes back sends what it kept; by then the gap can be read anew. */
const refillMs = 15_000;
export const cardMinutes = 60;

/** The history is changed in place; `version` says that it was. */
export interface Track {
  readonly id: string;
  readonly minutes: number;
  readonly status: Signal<'loading' | 'ready' | 'failed'>;
  readonly version: Signal<number>;
  history: History;
  stepMs: number;
  watchers: number;
}

const tracks = new Map<string, Track>();
const queue: Track[] = [];
let loading = 0;

function intervalMs(id: string): number {
  return (nodeOf(id)?.peek().interval ?? 5) * 1000;
}

/** What lies between two points of a history, most often. */
function usualStep(at: readonly number[]): number {
  const steps = at.slice(1).map((time, i) => time - (at[i] ?? time));
  return steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
}

async function load(track: Track): Promise<void> {
  try {
    const history = await api.readHistory(track.id, track.minutes);
    track.stepMs = usualStep(history.at);
    track.history = withOutages(history, Math.max(intervalMs(track.id), track.stepMs));
    const sample = nodeOf(track.id)?.peek().sample;
    if (sample) extend(track, sample.at);
    track.status.value = 'ready';
  } catch {
    track.status.value = 'failed';
  }
  track.version.value += 1;
}

function extend(track: Track, newest: number): void {
  const sample = nodeOf(track.id)?.peek().sample;
  if (!sample || sample.at !== newest || sample.at < now.peek() - track.minutes * minuteMs) return;
  append(track.history, sample, {
    intervalMs: intervalMs(track.id),
    stepMs: track.stepMs,
    windowMs: track.minutes * minuteMs,
  });
}

function work(): void {
  while (loading < loadsAtOnce) {
    const track = queue.shift();
    if (!track) return;
    // Scrolled past before its turn came.
    if (track.watchers === 0) {
      tracks.delete(`${track.id}:${track.minutes}`);
      continue;
    }
    loading += 1;
    void load(track).finally(() => {
      loading -= 1;
      work();
    });
  }
}

function enqueue(track: Track): void {
  if (!queue.includes(track)) queue.push(track);
  work();
}

/** The last `minutes` of a node, loaded and kept current while somebody looks. */
export function trackOf(id: string, minutes: number): Track {
  const key = `${id}:${minutes}`;
  const known = tracks.get(key);
  if (known) return known;
  const track: Track = {
    id,
    minutes,
    status: signal<'loading' | 'ready' | 'failed'>('loading'),
    version: signal(0),
    history: emptyHistory(),
    stepMs: 0,
    watchers: 0,
  };
  tracks.set(key, track);
  return track;
}

/** Keeps a track current until the answer is called. */
export function watchTrack(track: Track): () => void {
  track.watchers += 1;
  if (track.status.peek() !== 'ready') enqueue(track);
  return () => {
    track.watchers -= 1;
    // The hours of the cards are small and come back into view; the rest is let go.
    if (track.watchers === 0 && track.minutes !== cardMinutes) tracks.delete(`${track.id}:${track.minutes}`);
  };
}

/** After a time without live updates, what is kept has holes that are not the nodes'. */
export function forgetHistories(): void {
  for (const [key, track] of tracks) {
    if (track.watchers > 0) enqueue(track);
    else tracks.delete(key);
  }
}

function tracksOf(id: string): Track[] {
  return [...tracks.values()].filter((track) => track.id === id);
}

onNodeNews((before: NodeView | undefined, after: NodeView) => {
  const came = after.sample;
  if (came && came.number !== before?.sample?.number) {
    for (const track of tracksOf(after.id)) {
      if (track.status.peek() !== 'ready') continue;
      extend(track, came.at);
      track.version.value += 1;
    }
  }
  if (before?.state === 'away' && after.state === 'alive') {
    setTimeout(
      () =>
        tracksOf(after.id)
          .filter((track) => track.watchers > 0)
          .forEach(enqueue),
      refillMs,
    );
  }
});
