// A node that has joined a whole master like any other, and keeps to nothing from then on: the twin's keys behind sockets that nobody
// but the test closes. It hears all that is published to it, and tries every key that it ever had.
import { parseInvite } from '@sealcast/channel/invite';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import type { HopCredentials } from '@sealcast/hop/mechanism';
import { SendLoop } from '@sealcast/hop/send-loop';
import { Hop } from '@sealcast/node/link/hop';
import { curveKeyPair } from 'zeromq';
import { groupRoute } from '../../twin/broadcast.ts';
import { decode } from '../../twin/cbor.ts';
import { aadBytes, kinds } from '../../twin/envelope.ts';
import { type NodeStep, type TwinIdentity, TwinNodeJoin } from '../../twin/join-node.ts';
import { epochKeys } from '../../twin/key-schedule.ts';
import { gcmOpen } from '../../twin/primitives.ts';
import { readSpki } from '../../twin/rsa.ts';
import { type Body, checkBody } from '../../twin/schemas.ts';
import { downRoute, type SessionKind, type TwinSession } from '../../twin/session.ts';
import { chance } from './false-master.ts';

type Invite = ReturnType<typeof parseInvite>;

export interface Came {
  /** On the clock of `performance.now()`. */
  at: number;
  frame: Buffer;
  /** Kind and body, where one of the node's keys opens it. */
  plaintext: Buffer | undefined;
}

const repeatMs = 500;
// All topics, those of others as well. A relay passes on those alone that are whole.
const everything = [new Uint8Array(0)];

export class RawMember implements Disposable {
  readonly curve = curveKeyPair();
  readonly identity: TwinIdentity;
  readonly came: Came[] = [];
  /** Every key of an epoch that it was told, the newest last. */
  readonly epochs: { epoch: number; key: Uint8Array }[] = [];
  /** When a connection to the data ports ended. */
  readonly lost: number[] = [];
  session: TwinSession;
  readonly #invite: Invite;
  readonly #hops = new Set<Hop>();
  readonly #loop: SendLoop;

  private constructor(invite: Invite, curve: { publicKey: string; secretKey: string }, joined: Joined) {
    this.#invite = invite;
    this.curve = curve;
    this.identity = joined.identity;
    this.session = joined.session;
    this.#learn(joined.welcome);
    const hop = this.connect();
    hop.onLost(() => this.lost.push(performance.now()));
    this.#loop = new SendLoop(hop.push, () => undefined);
    void this.#listen(hop);
  }

  /** Resolves when its connections are open both ways. */
  static async join(line: string): Promise<RawMember> {
    const invite = parseInvite(line.trim());
    const curve = curveKeyPair();
    const hop = { mechanism: 'curve', hopSecret: Uint8Array.from(decodeZ85(curve.secretKey)) } as const;
    const identity = { nodeId: chance(16), identitySeed: chance(32), ...hop, instance: chance(16) };
    const step = await joinAs(invite, identity, credentialsOf(invite, curve), Uint8Array.from(invite.code));
    if (step.type !== 'welcome') throw new Error('the node was not let in');
    const member = new RawMember(invite, curve, { ...step, identity });
    await member.#answered();
    return member;
  }

  get id(): string {
    return Buffer.from(this.identity.nodeId).toString('hex');
  }

  /** Seals and sends, whatever the master thinks of this node. */
  say(kind: SessionKind, body: Body): void {
    this.send(this.session.seal(kind, body, chance(12)));
  }

  send(frame: Uint8Array): void {
    this.#loop.send(frame);
  }

  report(): void {
    this.say('REPORT', { samples: [] });
  }

  /** Another pair of connections to the data ports, with the same key. */
  connect(): Hop {
    const topics = [...everything, this.session.keys.topic, ...this.epochs.map(({ key }) => epochKeys(key).epochTopic)];
    const hop = new Hop(this.#invite, 'data', credentialsOf(this.#invite, this.curve), topics);
    this.#hops.add(hop);
    return hop;
  }

  disconnect(hop: Hop): void {
    this.#hops.delete(hop);
    hop.close();
  }

  /** Joins anew, as a node that is known does. */
  async helloAgain(): Promise<'welcome' | 'refused'> {
    return (await joinAs(this.#invite, this.identity, credentialsOf(this.#invite, this.curve), undefined)).type;
  }

  /** Whether it could read `text` in anything that came. */
  hasRead(text: string): boolean {
    return this.came.some(({ plaintext }) => plaintext?.includes(text) === true);
  }

  [Symbol.dispose](): void {
    for (const hop of this.#hops) hop.close();
  }

  async #listen(hop: Hop): Promise<void> {
    for await (const frames of hop.sub) {
      const [, frame = Buffer.alloc(0)] = frames;
      const plaintext = this.#open(frame);
      this.came.push({ at: performance.now(), frame, plaintext });
      if (plaintext?.[0] === kinds.EPOCH)
        this.#learn(checkBody('epoch', decode(Uint8Array.from(plaintext.subarray(1)))));
    }
  }

  async #answered(): Promise<void> {
    while (!this.came.some(({ plaintext }) => plaintext?.[0] === kinds.ACK)) {
      this.report();
      await new Promise((resolve) => setTimeout(resolve, repeatMs / 10));
    }
  }

  #learn({ epoch, key }: Body): void {
    if (!(key instanceof Uint8Array)) throw new Error('an epoch has a key');
    this.epochs.push({ epoch: Number(epoch), key });
    for (const hop of this.#hops) hop.subscribe(epochKeys(key).epochTopic);
  }

  // With any of its keys, whatever the frame says of its key and its kind.
  #open(frame: Buffer): Buffer | undefined {
    if (frame.length < 49) return undefined;
    const [metadata, sealed] = [Uint8Array.from(frame.subarray(0, 32)), Uint8Array.from(frame.subarray(32))];
    const { keys } = this.session;
    const groups = this.epochs.map(({ epoch, key }) => ({
      key: epochKeys(key).broadcast,
      route: groupRoute(keys.masterId, epoch),
    }));
    for (const { key, route } of [{ key: keys.down, route: downRoute(keys) }, ...groups]) {
      const plaintext = gcmOpen(key, metadata.subarray(20), aadBytes(metadata, route), sealed);
      if (plaintext !== undefined) return Buffer.from(plaintext);
    }
    return undefined;
  }
}

interface Joined {
  session: TwinSession;
  welcome: Body;
  identity: TwinIdentity;
}

function credentialsOf({ curve }: Invite, pair: { publicKey: string; secretKey: string }): HopCredentials {
  return { mechanism: 'curve', ...pair, serverKey: encodeZ85(curve) };
}

async function joinAs(
  invite: Invite,
  identity: TwinIdentity,
  credentials: HopCredentials,
  code: Uint8Array | undefined,
): Promise<Exclude<NodeStep, { type: 'offer' }>> {
  const rsa = readSpki(Uint8Array.from(invite.rsa));
  if (rsa === undefined) throw new Error('the RSA key is none of 2048 bits');
  const master = { rsa, signing: Uint8Array.from(invite.signing) };
  const join = new TwinNodeJoin(master, identity, code, (_, length) => chance(length));
  const hop = new Hop(invite, 'join', credentials, [join.topic]);
  const loop = new SendLoop(hop.push, () => undefined);
  let newest = join.hello;
  const repeat = setInterval(() => loop.send(newest), repeatMs);
  try {
    await hop.opened(20_000);
    loop.send(newest);
    for await (const [, frame = Buffer.alloc(0)] of hop.sub) {
      const step = join.receive(Uint8Array.from(frame));
      if (step.type !== 'offer') return step;
      newest = step.confirm;
      loop.send(newest);
    }
    throw new Error('the join port was closed');
  } finally {
    clearInterval(repeat);
    hop.close();
  }
}
