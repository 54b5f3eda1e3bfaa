// Server-sent events: what changes in the fleet, to every page that is open.
import type { ServerResponse } from 'node:http';
import type { Fleet, FleetEvent } from '../fleet/fleet-port.ts';

export interface EventLimits {
  /** A comment at least this often keeps proxies from closing the stream; the session is looked at then. */
  commentMs: number;
  /** Of what changes several times within it, only the last is sent. */
  gatherMs: number;
  /** Bytes that wait for a slow reader before it is dropped. */
  bufferMax: number;
  streamsPerSession: number;
}

export const eventLimits: EventLimits = { commentMs: 15_000, gatherMs: 100, bufferMax: 2 ** 20, streamsPerSession: 16 };

interface Stream {
  readonly session: string;
  readonly response: ServerResponse;
}

export class EventStreams {
  readonly #fleet: Fleet;
  readonly #isLive: (session: string) => boolean;
  readonly #limits: EventLimits;
  readonly #streams = new Set<Stream>();
  readonly #gathered = new Map<string, FleetEvent>();
  #gathering: NodeJS.Timeout | undefined;
  #commenting: NodeJS.Timeout | undefined;
  #unlisten: (() => void) | undefined;

  /** `isLive` tells whether the session with this hash still stands. */
  constructor(fleet: Fleet, isLive: (session: string) => boolean, limits: EventLimits) {
    this.#fleet = fleet;
    this.#isLive = isLive;
    this.#limits = limits;
  }

  get size(): number {
    return this.#streams.size;
  }

  hasRoom(session: string): boolean {
    return this.#of(session).length < this.#limits.streamsPerSession;
  }

  /** `response` has its headers, and is this stream's alone from now on. */
  open(session: string, response: ServerResponse): void {
    const stream = { session, response };
    this.#streams.add(stream);
    response.once('close', () => this.#forget(stream));
    // A reader that goes away while it is written to; 'close' follows.
    response.on('error', () => response.destroy());
    this.#unlisten ??= this.#fleet.on((event) => this.#gather(event));
    this.#commenting ??= setInterval(() => this.#comment(), this.#limits.commentMs);
    this.#write(stream, ': open\n\n');
  }

  endSession(session: string): void {
    for (const { response } of this.#of(session)) response.end();
  }

  endAll(): void {
    for (const { response } of this.#streams) response.end();
  }

  #of(session: string): Stream[] {
    return [...this.#streams].filter((stream) => stream.session === session);
  }

  #gather(event: FleetEvent): void {
    this.#gathered.set(told(event).key, event);
    this.#gathering ??= setTimeout(() => this.#tell(), this.#limits.gatherMs);
  }

  #tell(): void {
    this.#gathering = undefined;
    const text = [...this.#gathered.values()].map(eventText).join('');
    this.#gathered.clear();
    for (const stream of this.#streams) this.#write(stream, text);
  }

  #comment(): void {
    for (const stream of this.#streams) {
      if (this.#isLive(stream.session)) this.#write(stream, ':\n\n');
      else stream.response.end();
    }
  }

  #write({ response }: Stream, text: string): void {
    if (response.writableEnded) return;
    // Looked at before: one burst, however large, is no sign of a slow reader.
    if (response.writableLength > this.#limits.bufferMax) response.destroy();
    else response.write(text);
  }

  #forget(stream: Stream): void {
    this.#streams.delete(stream);
    if (this.#streams.size > 0) return;
    this.#unlisten?.();
    clearInterval(this.#commenting);
    clearTimeout(this.#gathering);
    this.#unlisten = undefined;
    this.#commenting = undefined;
    this.#gathering = undefined;
    this.#gathered.clear();
  }
}

/** Of the events with one key only the last is sent. */
function told(event: FleetEvent): { key: string; data: object } {
  if (event.type === 'node') return { key: `node ${event.node.id}`, data: event.node };
  if (event.type === 'removed') return { key: `removed ${event.id}`, data: { id: event.id } };
  if (event.type === 'command') return { key: `command ${event.command.id}`, data: event.command };
  return { key: 'transport', data: event.transport };
}

/** JSON has no line ends of its own, so it is one line of data. */
function eventText(event: FleetEvent): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(told(event).data)}\n\n`;
}
