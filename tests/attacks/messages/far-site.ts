// A fleet in this process behind a false relay: real sockets on both hops, and a middle that does with each frame what a test says.
import { parseHop } from '@sealcast/channel/hop-line';
import { formatInvite, parseInvite } from '@sealcast/channel/invite';
import type { LinkOptions } from '@sealcast/node/link/link';
import { vi } from 'vitest';
import { type Carried, FalseRelay } from '../../stack/false-relay.ts';
import { TestLink, Wire } from '../../stack/wire.ts';
import { kinds } from '../../twin/envelope.ts';
import { WireNode, type WireNodeOptions } from '../../stack/wire-node.ts';

export class FarSite implements AsyncDisposable {
  readonly wire: Wire;
  readonly relay: FalseRelay;
  readonly #disposing: AsyncDisposableStack;

  private constructor(wire: Wire, relay: FalseRelay, disposing: AsyncDisposableStack) {
    this.wire = wire;
    this.relay = relay;
    this.#disposing = disposing;
  }

  static async start(): Promise<FarSite> {
    const disposing = new AsyncDisposableStack();
    const wire = disposing.use(await Wire.start());
    const { host, data, join, curve } = parseInvite(wire.invite());
    const tell = async (line: string) => wire.fleet.addRelay({ name: 'site', line, by: 'admin' });
    const relay = disposing.use(await FalseRelay.start({ host, data, join, curve }, tell));
    return new FarSite(wire, relay, disposing);
  }

  /** A line that pins the relay's hop and the master's seal. */
  invite(): string {
    const { data, join, curve } = parseHop(this.relay.line);
    return formatInvite({ ...parseInvite(this.wire.invite()), data, join, curve });
  }

  /** A node's link through the relay; it is not started yet. */
  link(options: Partial<LinkOptions> = {}): TestLink {
    const link = new TestLink(parseInvite(this.invite()), options);
    this.#disposing.defer(() => link.stop());
    return link;
  }

  async opened(options?: Partial<LinkOptions>): Promise<TestLink> {
    const link = this.link(options);
    await link.open();
    return link;
  }

  /** A whole node through the relay, joined. */
  async node(options: WireNodeOptions = {}): Promise<WireNode> {
    return this.#disposing.use(await WireNode.join(this.wire, { ...options, invite: this.invite() }));
  }

  /** Resolves with the next message that `matches`, which goes no further, as none does that matches. */
  async withhold(matches: (carried: Carried) => boolean): Promise<Carried> {
    const { promise, resolve } = Promise.withResolvers<Carried>();
    this.relay.meddle = (carried) => {
      if (!matches(carried)) return [carried];
      resolve(carried);
      return [];
    };
    return await promise;
  }

  /** All that came of that kind, in that order. */
  recorded(kind: number): Carried[] {
    return this.relay.recorded.filter(({ frame }) => frame[2] === kind);
  }

  /** The newest that came of that kind. */
  last(kind: number): Carried {
    const newest = this.recorded(kind).at(-1);
    if (newest === undefined) throw new Error(`no frame of the kind ${kind} came`);
    return newest;
  }

  /** Resolves when all that the master says from now on comes through: subscriptions travel apart from messages. */
  async hears(): Promise<void> {
    const before = [kinds.ACK, kinds.BROADCAST].map((kind) => this.recorded(kind).length);
    await vi.waitFor(
      () => {
        this.text('is anybody there?');
        const now = [kinds.ACK, kinds.BROADCAST].map((kind) => this.recorded(kind).length);
        if (now.some((count, index) => count <= (before[index] ?? 0))) throw new Error('nothing comes through');
      },
      { timeout: 20_000, interval: 100 },
    );
  }

  text(text: string, targets: 'everyone' | string[] = 'everyone'): string {
    return this.wire.fleet.command({ action: { type: 'text', text }, targets, expiresInSeconds: 60, by: 'admin' }).id;
  }

  /** Sends `frames` up, and gives the codes that the master counted for them, exactly as many as there are frames. */
  async refusedUp(frames: Carried[]): Promise<Record<string, number>> {
    const before = this.wire.fleet.refusals();
    for (const frame of frames) this.relay.pass({ ...frame, direction: 'up' });
    const rise = () => risen(before, this.wire.fleet.refusals());
    await vi.waitFor(() => exactly(frames.length, sum(rise())), { timeout: 20_000 });
    return rise();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#disposing.disposeAsync();
  }
}

/** What `link` refused `frames` with, which come down to it; as many as there are frames. */
export async function refusedDown(
  { relay }: FarSite,
  link: TestLink,
  frames: Carried[],
): Promise<Record<string, number>> {
  const before = link.count('refused');
  // PUB drops above a thousand.
  for (let at = 0; at < frames.length; at += 250) {
    const part = frames.slice(at, at + 250);
    for (const frame of part) relay.pass({ ...frame, direction: 'down' });
    await vi.waitFor(() => exactly(at + part.length, link.count('refused') - before), { timeout: 20_000 });
  }
  const codes = link.heard.flatMap((heard) => (heard.type === 'refused' ? [heard.code] : [])).slice(before);
  return tally(codes);
}

/** The same message with another kind in the clear, or under another key id. */
export function disguised(carried: Carried, { kind, keyId }: { kind?: number; keyId?: Uint8Array }): Carried {
  const frame = Buffer.from(carried.frame);
  if (kind !== undefined) frame[2] = kind;
  if (keyId !== undefined) frame.set(keyId, 4);
  return { ...carried, frame };
}

function exactly(expected: number, counted: number): void {
  if (counted !== expected) throw new Error(`expected ${expected} refusals, and ${counted} were counted`);
}

export function tally(codes: string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const code of codes) counts[code] = (counts[code] ?? 0) + 1;
  return counts;
}

/** What was counted between two looks. */
export function risen(before: Record<string, number>, after: Record<string, number>): Record<string, number> {
  const rises = Object.entries(after).map(([code, count]) => [code, count - (before[code] ?? 0)] as const);
  return Object.fromEntries(rises.filter(([, rise]) => rise !== 0));
}

export function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((total, count) => total + count, 0);
}
