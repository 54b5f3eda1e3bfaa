// The master's side of a group that says OTHER and hears texts, whole and in memory: invites, joins, sessions, epochs, broadcasts, and
// what was missed of them. A fleet has more to keep, and a store to keep it in.
import { Allowance } from './allowance.ts';
import { askMax, awayMs, epochMaxMs, overlapMs, rekeyAfterMessages, sessionMaxMs } from './constants.ts';
import type { Entropy } from './entropy.ts';
import { Broadcaster } from './epoch.ts';
import { Refusal } from './errors.ts';
import { readKeyId } from './frame.ts';
import { GroupRoster } from './group-roster.ts';
import { everyone } from './ids.ts';
import { MasterJoins } from './join-master.ts';
import type { MasterKeys } from './master-keys.ts';
import type { Ask, Command, EpochChange, Mechanism } from './payloads.ts';
import type { DownMessage, Session } from './session.ts';

export interface GroupOptions {
  keys: MasterKeys;
  entropy: Entropy;
  /** Of the hop, by which its members prove their hop keys; CURVE where it is not said. */
  mechanism?: Mechanism;
  /** Milliseconds since 1970. */
  now: () => number;
  /** What to publish on the join ports and on the data ports. */
  outlet: Record<'join' | 'data', (topic: Uint8Array, frame: Uint8Array) => void>;
  /** By the names that were invited. */
  on: {
    came: (name: string) => void;
    said: (name: string, body: Uint8Array) => void;
    went: (name: string) => void;
  };
}

interface Seat {
  readonly name: string;
  readonly session: Session;
  readonly allowance: Allowance;
  /** The last broadcast before its node came. */
  readonly since: number;
  endsAt: number;
  awayAt: number;
}

const kindOptions = { other: true };
const textMs = 60_000;
const codeBytes = 16;

export class Group {
  readonly #options: GroupOptions;
  readonly #roster = new GroupRoster();
  readonly #joins: MasterJoins;
  readonly #broadcaster: Broadcaster;
  /** By key id: also those that a newer session of the node has replaced, while something may be under way in them. */
  readonly #seats = new Map<string, Seat>();
  /** By name: the one to speak under. */
  readonly #members = new Map<string, Seat>();
  /** By number: as many as an ASK can name. */
  readonly #kept = new Map<number, Command>();
  #epoch: { epoch: number; key: Uint8Array } = { epoch: 0, key: new Uint8Array(32) };
  #epochEndsAt = 0;
  #head = 0;

  constructor(options: GroupOptions) {
    const { keys, entropy, mechanism = 'curve' } = options;
    const joining = { ...kindOptions, mechanism };
    const isLive = (keyId: Uint8Array) => this.#seats.has(hex(keyId));
    this.#options = options;
    this.#joins = new MasterJoins(keys, entropy, (who, nowMs) => this.#roster.judge(who, nowMs), isLive, joining);
    this.#broadcaster = new Broadcaster(keys, entropy);
    this.#beginEpoch();
  }

  /**
   * An invite's code, good for one, who is `name` from then on; `expires` in seconds since 1970.
   * @throws Error where the name is another's
   */
  invite(name: string, seconds: number): { code: Uint8Array; expires: number } {
    const nowMs = this.#options.now();
    const code = this.#options.entropy.bytes(codeBytes);
    this.#roster.invite(name, code, nowMs + seconds * 1000, nowMs);
    return { code, expires: Math.floor(nowMs / 1000) + seconds };
  }

  /** Whether who shows this hop key, 32 bytes, may come to the data ports. */
  admits(hopKey: Uint8Array): boolean {
    return this.#roster.admits(hopKey);
  }

  /** A frame of the join port. Who was not there before begins an epoch. Throws Refusal. */
  join(frame: Uint8Array): void {
    const { now, outlet } = this.#options;
    const { topic, ...reply } = this.#joins.receive(frame, now(), (applicant) => {
      this.#roster.enrol(applicant);
      if (!this.#members.has(this.#roster.nameOf(applicant.id))) this.#beginEpoch();
      return { ...this.#change(), through: 0, time: now(), interval: 1 };
    });
    outlet.join(topic, reply.frame);
    if (reply.joined !== undefined) this.#enter(reply.joined.session);
  }

  /** A frame of the data port. Throws Refusal. */
  hear(frame: Uint8Array): void {
    const { now, on } = this.#options;
    const seat = this.#seats.get(hex(readKeyId(frame, 'node', kindOptions)));
    if (seat === undefined) throw new Refusal('key.unknown');
    const nowMs = now();
    const { kind, body } = seat.session.open(frame, () => seat.allowance.take(nowMs));
    seat.awayAt = nowMs + awayMs;
    if (kind === 'other') on.said(seat.name, body);
    else if (kind === 'report') this.#acknowledge(seat);
    else if (kind === 'ask') this.#answer(seat, body);
    else if (kind === 'leave') this.#end(seat);
    else throw new Refusal('frame.kind');
  }

  /** Signed, numbered and sealed once, for all who are there. */
  say(text: string): void {
    const { entropy, now, outlet } = this.#options;
    if (this.#broadcaster.sealed >= rekeyAfterMessages) this.#beginEpoch();
    const issued = now();
    const action = { type: 'text', text } as const;
    const command = { id: entropy.bytes(16), target: everyone, issued, expires: issued + textMs, action };
    const { topic, frame } = this.#broadcaster.seal(this.#head + 1, command);
    this.#head += 1;
    this.#kept.set(this.#head, command).delete(this.#head - askMax);
    outlet.data(topic, frame);
  }

  /** What time brings: who is silent has gone, and keys wear out. Call it every second. */
  sweep(): void {
    const nowMs = this.#options.now();
    for (const seat of this.#seats.values()) if (Math.min(seat.endsAt, seat.awayAt) <= nowMs) this.#end(seat);
    if (this.#epochEndsAt <= nowMs) this.#beginEpoch();
  }

  #enter(session: Session): void {
    const nowMs = this.#options.now();
    const name = this.#roster.nameOf(session.nodeId);
    const older = this.#members.get(name);
    if (older !== undefined) older.endsAt = Math.min(older.endsAt, nowMs + overlapMs);
    const ends = { endsAt: nowMs + sessionMaxMs, awayAt: nowMs + awayMs };
    const seat = { name, session, allowance: new Allowance(nowMs), since: older?.since ?? this.#head, ...ends };
    this.#seats.set(hex(session.keyId), seat);
    this.#members.set(name, seat);
    if (older === undefined) this.#options.on.came(name);
  }

  #end(seat: Seat): void {
    seat.session.erase();
    this.#seats.delete(hex(seat.session.keyId));
    if (this.#members.get(seat.name) !== seat) return;
    this.#members.delete(seat.name);
    this.#options.on.went(seat.name);
  }

  #beginEpoch(): void {
    const { entropy, now } = this.#options;
    this.#epoch.key.fill(0);
    this.#epoch = { epoch: this.#epoch.epoch + 1, key: entropy.bytes(32) };
    this.#epochEndsAt = now() + epochMaxMs;
    this.#broadcaster.begin(this.#epoch.epoch, this.#epoch.key);
    for (const member of this.#members.values()) this.#tell(member, { kind: 'epoch', body: this.#change() });
  }

  #change(): EpochChange {
    return { ...this.#epoch, head: this.#head };
  }

  #acknowledge(seat: Seat): void {
    const body = { through: 0, head: this.#head, epoch: this.#epoch.epoch, time: this.#options.now() };
    this.#tell(seat, { kind: 'ack', body });
  }

  #answer(seat: Seat, { epoch, missing }: Ask): void {
    if (epoch !== this.#epoch.epoch) this.#tell(seat, { kind: 'epoch', body: this.#change() });
    for (const number of missing) {
      const command = this.#kept.get(number);
      if (command === undefined || number <= seat.since || command.expires <= this.#options.now()) continue;
      this.#tell(seat, { kind: 'command', body: { ...command, target: seat.session.nodeId } });
    }
  }

  #tell({ session }: Seat, message: DownMessage): void {
    this.#options.outlet.data(session.topic, session.seal(message));
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
