// A fleet and its nodes without a wire: every frame goes from hand to hand, and the clock stands until a test moves it.
import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Refusal, type RefusalCode } from '@sealcast/channel/errors';
import { NodeJoin } from '@sealcast/channel/join-node';
import type { MasterKeys, TransportKey } from '@sealcast/channel/master-keys';
import { newIdentitySecrets, nodeIdentity, type NodeIdentity } from '@sealcast/channel/node-identity';
import { BroadcastReader } from '@sealcast/channel/epoch';
import type { Mechanism, Welcome } from '@sealcast/channel/payloads';
import type { Message, Session, UpMessage } from '@sealcast/channel/session';
import { Fleet } from '@sealcast/master/fleet/fleet';
import type { FleetEvent } from '@sealcast/master/fleet/fleet-port';
import { createLog } from '@sealcast/runtime/log';
import { scratchStore } from '../store/scratch-store.ts';

type Hearer = (frame: Uint8Array, topic: Uint8Array) => void;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function transportKey(): TransportKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return { rsaPrivate: privateKey, rsaSpki: publicKey.export({ type: 'spki', format: 'der' }) };
}

const [older, newest] = [transportKey(), transportKey()];
const { privateKey: signingPrivate, publicKey } = generateKeyPairSync('ed25519');
const signingPublic = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32);

/** What invites pinned before the RSA key was changed, and what they pin now. */
export const rsa = { older: older.rsaSpki, newest: newest.rsaSpki };

export class PaperFleet implements Disposable {
  readonly scratch = scratchStore();
  readonly clock = { ms: 1_700_000_000_000 };
  readonly lines: string[] = [];
  readonly events: FleetEvent[] = [];
  /** Hop keys whose connections were cut. */
  readonly dropped: string[] = [];
  readonly status = { up: true, since: 1, restarts: 0 };
  /** Hop keys of the relays that are connected. */
  readonly relays = new Set<string>();
  /** By topic. */
  readonly hearers = new Map<string, Set<Hearer>>();
  readonly keys: MasterKeys = { rsa: [newest, older], signingPrivate, signingPublic };
  readonly mechanism: Mechanism;
  fleet: Fleet;

  constructor(mechanism: Mechanism = 'curve') {
    this.mechanism = mechanism;
    this.fleet = this.#start();
  }

  get store() {
    return this.scratch.store;
  }

  /** Log lines with that message. */
  logged(msg: string): Record<string, unknown>[] {
    return this.lines
      .map((line): Record<string, unknown> => JSON.parse(line))
      .filter((line) => String(line['msg']).includes(msg));
  }

  /** The master again, with what it has on disk. */
  restart(): void {
    this.fleet.stop();
    this.scratch.reopen();
    this.fleet = this.#start();
  }

  /** Time passes, and the master looks at it every second. */
  pass(ms: number): void {
    const end = this.clock.ms + ms;
    while (this.clock.ms < end) {
      this.clock.ms = Math.min(end, this.clock.ms + 1000);
      this.fleet.tick();
    }
  }

  /** With a name, the node that joins with it is called that. */
  invite(name?: string): Uint8Array {
    const code = randomBytes(16);
    const hash = createHash('sha256').update(code).digest('hex');
    const created = Math.floor(this.clock.ms / 1000);
    this.store.invites.add(
      { hash, label: name ?? '', created, expires: created + 3600 },
      { names: name !== undefined },
    );
    return code;
  }

  /** A node that has joined. */
  node(): PaperNode {
    const node = new PaperNode(this);
    node.join(this.invite());
    return node;
  }

  text(text: string, targets: 'everyone' | string[] = 'everyone'): string {
    return this.fleet.command({ action: { type: 'text', text }, targets, expiresInSeconds: 60, by: 'admin' }).id;
  }

  /** Orders that `node` takes a new identity, which its test has to do. */
  orderRotation(node: PaperNode): string {
    return this.fleet.command({ action: { type: 'rotate' }, targets: [node.id], expiresInSeconds: 60, by: 'admin' }).id;
  }

  hear(topic: Uint8Array, hearer: Hearer): void {
    const hearers = this.hearers.get(hex(topic)) ?? new Set();
    this.hearers.set(hex(topic), hearers.add(hearer));
  }

  [Symbol.dispose](): void {
    this.fleet.stop();
    this.scratch[Symbol.dispose]();
  }

  #start(): Fleet {
    const publish = (topic: Uint8Array, frame: Uint8Array) => {
      for (const hear of this.hearers.get(hex(topic)) ?? []) hear(frame, topic);
    };
    const fleet = new Fleet({
      store: this.store,
      keys: this.keys,
      mechanism: this.mechanism,
      entropy: systemEntropy,
      outlet: { join: publish, data: publish },
      peers: {
        drop: (hopKey) => this.dropped.push(hopKey),
        status: () => this.status,
        cuts: () => ({}),
        relays: () => this.relays,
      },
      log: createLog('master', 'debug', { write: (line: string) => void this.lines.push(line) }),
      now: () => this.clock.ms,
      reportInterval: 5,
    });
    fleet.on((event) => this.events.push(event));
    return fleet;
  }
}

export class PaperNode {
  readonly world: PaperFleet;
  identity: NodeIdentity;
  /** RSA key to join with. */
  rsa: Uint8Array = rsa.newest;
  session: Session | undefined;
  welcome: Welcome | undefined;
  readonly heard: Message[] = [];
  /** What came under its sessions, or could be read of what was broadcast. */
  readonly texts: string[] = [];
  readonly #reader = new BroadcastReader(signingPublic);
  #runs = true;

  constructor(world: PaperFleet, identity: NodeIdentity = newIdentity()) {
    this.world = world;
    this.identity = identity;
  }

  get id(): string {
    return hex(this.identity.id);
  }

  get hopKey(): string {
    return hex(this.identity.hopKey);
  }

  get epoch(): number {
    return this.#reader.epoch;
  }

  /** The same node, started anew or copied: another instance. */
  again(): PaperNode {
    const other = new PaperNode(this.world, { ...this.identity, instance: randomBytes(16) });
    other.rsa = this.rsa;
    return other;
  }

  /** From now on it hears and answers nothing. */
  kill(): void {
    this.#runs = false;
  }

  /** True where it was let in. */
  join(inviteCode?: Uint8Array): boolean {
    const joined = this.hello(inviteCode);
    if (joined === undefined) return false;
    this.send(joined.confirm, 'join');
    return joined.wasWelcomed();
  }

  /** As far as CONFIRM, which is not sent yet; undefined where it was refused. */
  hello(inviteCode?: Uint8Array): { confirm: Uint8Array; wasWelcomed: () => boolean } | undefined {
    const join = new NodeJoin({ rsa: this.rsa, signing: signingPublic }, this.identity, inviteCode, systemEntropy);
    let confirm: Uint8Array | undefined;
    let welcomed = false;
    this.world.hear(join.topic, (frame) => {
      const step = join.receive(frame);
      if (step.type === 'offer') confirm = step.confirm;
      if (step.type !== 'welcome') return;
      welcomed = true;
      this.#live(step.session, step.welcome);
    });
    this.send(join.hello, 'join');
    return confirm && { confirm, wasWelcomed: () => welcomed };
  }

  /** Undefined, or why it was refused. */
  say(message: UpMessage): RefusalCode | undefined {
    return this.send(this.seal(message));
  }

  report(): RefusalCode | undefined {
    return this.say({ kind: 'report', body: { samples: [] } });
  }

  /** To be sent later. */
  seal(message: UpMessage): Uint8Array {
    if (this.session === undefined) throw new Error('the node has no session');
    return this.session.seal(message);
  }

  send(frame: Uint8Array, port: 'join' | 'data' = 'data'): RefusalCode | undefined {
    const { fleet } = this.world;
    try {
      if (port === 'join') fleet.receiveJoin(frame);
      else fleet.receiveData(frame);
      return undefined;
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      fleet.refused(error);
      return error.code;
    }
  }

  #live(session: Session, welcome: Welcome): void {
    this.session = session;
    this.welcome = welcome;
    this.#reader.set(welcome.epoch, welcome.key, welcome.head);
    this.#hearBroadcasts();
    this.world.hear(session.topic, (frame) => {
      if (this.#runs) this.#take(session.open(frame));
    });
  }

  #take(message: Message): void {
    this.heard.push(message);
    if (message.kind === 'epoch') {
      const { epoch, key, head } = message.body;
      this.#reader.advance(epoch, key, head, this.world.clock.ms);
      this.#hearBroadcasts();
      this.#ask(head);
    }
    if (message.kind === 'ack') this.#ask(message.body.head);
    if (message.kind !== 'command') return;
    const { id, expires, action } = message.body;
    if (action.type === 'rotate') return;
    const isOver = expires <= this.world.clock.ms;
    if (action.type === 'text' && !isOver) this.texts.push(action.text);
    this.say({ kind: 'receipt', body: { command: id, outcome: isOver ? 'expired' : 'done' } });
  }

  #hearBroadcasts(): void {
    const [topic] = this.#reader.topics(this.world.clock.ms);
    if (topic === undefined) return;
    this.world.hear(topic, (frame) => {
      if (!this.#runs) return;
      const { action } = this.#reader.open(topic, frame, this.world.clock.ms).command;
      if (action.type === 'text') this.texts.push(action.text);
    });
  }

  #ask(head: number): void {
    const missing = this.#reader.missing(head);
    if (missing.length > 0) this.say({ kind: 'ask', body: { epoch: this.#reader.epoch, missing } });
  }
}

export function newIdentity(id?: Uint8Array): NodeIdentity {
  const secrets = newIdentitySecrets(systemEntropy);
  const hopSecret = { mechanism: 'curve', secret: randomBytes(32) } as const;
  return nodeIdentity({ ...secrets, id: id ?? secrets.id }, hopSecret, randomBytes(16));
}
