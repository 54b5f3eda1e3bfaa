// A fleet and a link in this process, over real sockets: what takes hours in life can be brought about here.
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { systemEntropy } from '@sealcast/channel/entropy';
import type { RefusalCode } from '@sealcast/channel/errors';
import { parseInvite } from '@sealcast/channel/invite';
import type { Ack, Command, Rotated, Welcome } from '@sealcast/channel/payloads';
import { newMasterKeys } from '@sealcast/channel/new-master-keys';
import { newIdentitySecrets, nodeIdentity } from '@sealcast/channel/node-identity';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { HopServer, type Outlet } from '@sealcast/hop/server';
import { Fleet } from '@sealcast/master/fleet/fleet';
import { makeInvite } from '@sealcast/master/invites';
import { openStore } from '@sealcast/master/store/store';
import { Link, type LinkOptions } from '@sealcast/node/link/link';
import { MasterClock } from '@sealcast/node/link/master-clock';
import type { Master } from '@sealcast/node/master-file';
import { type RunningNode, startNode } from '@sealcast/node/node';
import { nodeSettings } from '@sealcast/node/settings';
import { createLog, type Logger } from '@sealcast/runtime/log';
import { curveKeyPair } from 'zeromq';
import { freePorts } from '../../scripts/free-ports.ts';

const log = createLog('test', 'silent');

export type Heard =
  | { type: 'live' | 'rekeyed'; welcome: Welcome }
  | { type: 'lost' }
  | { type: 'ack'; ack: Ack }
  | { type: 'command'; command: Command }
  | { type: 'rotated'; rotated: Rotated }
  | { type: 'refused'; code: RefusalCode };

export class Wire implements AsyncDisposable {
  fleet: Fleet;
  /** What the master publishes on the data port goes through here first; false drops it. */
  passes: (topic: Uint8Array, frame: Uint8Array) => boolean = () => true;
  /** The same for the join port. */
  joinPasses: (topic: Uint8Array, frame: Uint8Array) => boolean = () => true;
  /** What nodes send to the data port goes through here first. */
  arrives: (frame: Uint8Array) => boolean = () => true;
  /** Added to the master's clock. */
  ahead = 0;
  readonly #folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
  readonly #store = openStore(join(this.#folder, 'sealcast.db'));
  /** In this process: as one of its own it would take each test half a second more. */
  readonly #transport: HopServer;
  readonly #curve = curveKeyPair();
  readonly #ports: number[];
  readonly #keys = newMasterKeys();
  readonly #links: TestLink[] = [];
  readonly #nodes: RunningNode[] = [];

  private constructor(ports: number[]) {
    const [dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0] = ports;
    this.#ports = ports;
    this.#transport = new HopServer({
      host: '127.0.0.1',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...this.#curve },
      admits: ({ hopKey }) => this.fleet.admits(hopKey),
      log,
    });
    this.fleet = this.#newFleet();
  }

  #newFleet(): Fleet {
    const outlet: Outlet = {
      join: (topic, frame) => this.joinPasses(topic, frame) && this.#transport.outlet.join(topic, frame),
      data: (topic, frame) => this.passes(topic, frame) && this.#transport.outlet.data(topic, frame),
    };
    return new Fleet({
      store: this.#store,
      keys: this.#keys,
      mechanism: 'curve',
      entropy: systemEntropy,
      outlet,
      peers: {
        drop: (hopKey) => this.#transport.drop(hopKey),
        status: () => ({ up: true, since: 0, restarts: 0 }),
        cuts: () => this.#transport.cuts(),
        relays: () => new Set(this.#transport.relays()),
      },
      log,
      now: () => Date.now() + this.ahead,
      reportInterval: 5,
    });
  }

  /** The master starts again, with the numbers of its epochs, and maybe of its broadcasts, as an older copy of its disk has them. */
  restartAtEpoch(epoch: number, broadcast?: number): void {
    this.fleet.stop();
    const database = new DatabaseSync(join(this.#folder, 'sealcast.db'));
    const set = database.prepare('UPDATE counters SET value = ? WHERE name = ?');
    set.run(epoch - 1, 'epoch');
    if (broadcast !== undefined) {
      database.prepare('DELETE FROM receipts').run();
      database.prepare('DELETE FROM commands').run();
      set.run(broadcast, 'broadcast');
    }
    database.close();
    this.fleet = this.#newFleet();
  }

  static async start(): Promise<Wire> {
    const wire = new Wire(await freePorts([0, 0, 0, 0]));
    await wire.#transport.start({
      join: (frame) => wire.fleet.receiveJoin(frame),
      data: (frame) => (wire.arrives(frame) ? wire.fleet.receiveData(frame) : undefined),
      refused: (refusal) => wire.fleet.refused(refusal),
    });
    return wire;
  }

  /** A node's link, with an invite of its own; it is not started yet. */
  link(options: Partial<LinkOptions> = {}): TestLink {
    const link = new TestLink(parseInvite(this.invite()), options);
    this.#links.push(link);
    return link;
  }

  /** A whole node, with an invite of its own. */
  node(nodeLog: Logger, rekeyMs: number): { stateFolder: string } {
    const stateFolder = join(this.#folder, `node-${this.#nodes.length}`);
    const settings = nodeSettings({ mq_invite_code: this.invite(), state_dir: stateFolder });
    this.#nodes.push(startNode(settings, systemEntropy, nodeLog, { rekeyMs }));
    return { stateFolder };
  }

  /** A new one, good for one node. */
  invite(): string {
    const [dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0] = this.#ports;
    const pinned = {
      data: [dataIn, dataOut] as [number, number],
      join: [joinIn, joinOut] as [number, number],
      mechanism: 'curve' as const,
      rsa: this.#keys.rsa[0].rsaSpki,
      signing: this.#keys.signingPublic,
      curve: decodeZ85(this.#curve.publicKey),
    };
    return makeInvite(this.#store, pinned, { label: 'x', host: '127.0.0.1', hours: 1 }, Date.now()).invite;
  }

  /** Publishes on the data port what was published before. */
  repeat(topic: Uint8Array, frame: Uint8Array): void {
    this.#transport.outlet.data(topic, frame);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.#links, ...this.#nodes].map((node) => node.stop()));
    await this.#transport.stop();
    this.fleet.stop();
    this.#store.close();
    rmSync(this.#folder, { recursive: true });
  }
}

export class TestLink {
  readonly master: Master;
  readonly heard: Heard[] = [];
  readonly id = randomBytes(16);
  /** Called when a session is live. */
  whenLive: () => void = () => undefined;
  readonly #link: Link;
  readonly #listeners = new Set<() => void>();

  constructor(invite: ReturnType<typeof parseInvite>, options: Partial<LinkOptions>) {
    const curve = curveKeyPair();
    const secrets = { ...newIdentitySecrets(systemEntropy), id: this.id };
    this.master = { ...invite };
    this.#link = new Link({
      master: this.master,
      identity: nodeIdentity(secrets, { mechanism: 'curve', secret: decodeZ85(curve.secretKey) }, randomBytes(16)),
      keys: { mechanism: 'curve', ...curve, serverKey: encodeZ85(invite.curve) },
      entropy: systemEntropy,
      clock: new MasterClock(() => performance.now()),
      log,
      on: {
        live: (welcome) => {
          this.#hear({ type: 'live', welcome });
          this.whenLive();
        },
        rekeyed: (welcome) => this.#hear({ type: 'rekeyed', welcome }),
        lost: () => this.#hear({ type: 'lost' }),
        ack: (ack) => this.#hear({ type: 'ack', ack }),
        command: (command) => {
          this.#hear({ type: 'command', command });
          this.#link.send({ kind: 'receipt', body: { command: command.id, outcome: 'done' } });
        },
        rotated: (rotated) => this.#hear({ type: 'rotated', rotated }),
        refused: (code) => this.#hear({ type: 'refused', code }),
      },
      ...options,
    });
  }

  get hex(): string {
    return this.id.toString('hex');
  }

  get link(): Link {
    return this.#link;
  }

  /** Starts, and resolves when the session is live and both ways of it are open. */
  async open(): Promise<void> {
    this.#link.start();
    await this.hears(({ type }) => type === 'live');
    await this.answered();
  }

  /** Sends one empty report. */
  report(): void {
    this.#link.send({ kind: 'report', body: { samples: [] } });
  }

  /** Sends an empty report, again and again as a node does, and resolves with the ACK that comes for it. */
  async answered(): Promise<void> {
    const before = this.count('ack');
    this.report();
    const repeat = setInterval(() => this.report(), 200);
    await this.hears(() => this.count('ack') > before);
    clearInterval(repeat);
  }

  /** Resolves with the first, past or to come, for which `matches`. */
  async hears(matches: (heard: Heard) => boolean): Promise<Heard> {
    const { promise, resolve } = Promise.withResolvers<Heard>();
    const look = () => {
      const found = this.heard.find(matches);
      if (found !== undefined) resolve(found);
    };
    this.#listeners.add(look);
    look();
    const found = await promise;
    this.#listeners.delete(look);
    return found;
  }

  /** How often `type` was heard. */
  count(type: Heard['type']): number {
    return this.heard.filter((one) => one.type === type).length;
  }

  /** The texts of the commands that came. */
  get texts(): string[] {
    return this.heard.flatMap((one) =>
      one.type === 'command' && one.command.action.type === 'text' ? [one.command.action.text] : [],
    );
  }

  hearsText(text: string): Promise<Heard> {
    return this.hears(() => this.texts.includes(text));
  }

  stop(): Promise<void> {
    return this.#link.stop();
  }

  #hear(heard: Heard): void {
    this.heard.push(heard);
    for (const listener of this.#listeners) listener();
  }
}
