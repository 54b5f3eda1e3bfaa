// A room: a master of the channel. What a guest says comes up as OTHER, and goes out to all as a signed, numbered broadcast.
import { generateKeyPairSync } from 'node:crypto';
import { Allowance } from '@sealcast/channel/allowance';
import { systemEntropy } from '@sealcast/channel/entropy';
import { Broadcaster } from '@sealcast/channel/epoch';
import { Refusal } from '@sealcast/channel/errors';
import { readKeyId } from '@sealcast/channel/frame';
import { formatHop, type Hop, parseHop } from '@sealcast/channel/hop-line';
import { everyone } from '@sealcast/channel/ids';
import { formatInvite } from '@sealcast/channel/invite';
import { MasterJoins } from '@sealcast/channel/join-master';
import type { Command } from '@sealcast/channel/payloads';
import type { DownMessage, Session } from '@sealcast/channel/session';
import { decodeZ85 } from '@sealcast/channel/z85';
import { HopServer } from '@sealcast/hop/server';
import { createLog } from '@sealcast/runtime/log';
import { curveKeyPair } from 'zeromq';
import { Book, hex } from './book.ts';

const other = { other: true };
const [awayMs, keptLines] = [15_000, 64];

/** A guest who is there. */
interface Seat {
  name: string;
  /** The last number before it first came: what was said until then is not for it. */
  since: number;
  session: Session;
  allowance: Allowance;
  away: NodeJS.Timeout;
}

export class Room {
  /** What a relay of this room is to be told. */
  readonly line: string;
  readonly #show: (said: string) => void;
  readonly #address: Hop;
  readonly #relays: Hop[] = [];
  readonly #curve = curveKeyPair();
  readonly #keys = newKeys();
  readonly #book = new Book();
  readonly #joins = new MasterJoins(this.#keys, systemEntropy, (who) => this.#book.judge(who), undefined, other);
  readonly #broadcaster = new Broadcaster(this.#keys, systemEntropy);
  readonly #hop: HopServer;
  /** By key id. */
  readonly #seats = new Map<string, Seat>();
  readonly #said = new Map<number, Command>();
  #epoch = { epoch: 0, key: systemEntropy.bytes(32) };
  #head = 0;

  constructor(host: string, ports: number[], show: (said: string) => void) {
    const [dataIn = 36510, dataOut = 36511, joinIn = 36512, joinOut = 36513] = ports;
    this.#show = show;
    this.#address = { host, data: [dataIn, dataOut], join: [joinIn, joinOut], curve: decodeZ85(this.#curve.publicKey) };
    this.line = formatHop(this.#address);
    this.#hop = new HopServer({
      host: host === 'localhost' ? '127.0.0.1' : '0.0.0.0',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...this.#curve },
      admits: ({ hopKey }) =>
        this.#relays.some(({ up }) => hex(up) === hex(hopKey)) ? 'relay' : this.#book.admits(hopKey),
      log: createLog('room', 'silent'),
    });
  }

  async open(): Promise<void> {
    await this.#hop.start({
      join: (frame) => this.#letIn(frame),
      data: (frame) => this.#hear(frame),
      refused: () => undefined,
    });
  }

  /** What is typed in the room itself. */
  heed(line: string): void {
    const [, order, rest = ''] = /^\/(\w+) +(\S+)/.exec(line) ?? [];
    try {
      if (order === 'invite')
        this.#show(`\t${rest} types: npm run chat -- join ${rest}\nand pastes: ${this.#invite(rest)}`);
      else if (order === 'relay') this.#relays.unshift(parseHop(rest));
      else this.#say('room', line);
    } catch (error) {
      this.#show(`\t${String(error)}`);
    }
  }

  close(): Promise<void> {
    return this.#hop.stop();
  }

  #invite(name: string): string {
    const { up: _, ...hop } = this.#relays[0] ?? this.#address;
    const { rsa, signingPublic: signing } = this.#keys;
    return formatInvite({ ...hop, mechanism: 'curve', rsa: rsa[0].rsaSpki, signing, ...this.#book.invite(name) });
  }

  #letIn(frame: Uint8Array): void {
    let page = { name: '', since: 0 };
    const reply = this.#joins.receive(frame, Date.now(), (applicant) => {
      page = this.#book.enrol(applicant, this.#head);
      // Who comes can't read what was said before, not even from a recording.
      this.#epoch = { epoch: this.#epoch.epoch + 1, key: systemEntropy.bytes(32) };
      this.#broadcaster.begin(this.#epoch.epoch, this.#epoch.key);
      for (const seat of this.#seats.values())
        this.#tell(seat, { kind: 'epoch', body: { ...this.#epoch, head: this.#head } });
      return { ...this.#epoch, head: this.#head, through: 0, time: Date.now(), interval: 1 };
    });
    this.#hop.outlet.join(reply.topic, reply.frame);
    if (reply.joined) this.#seat(page, reply.joined.session);
  }

  #seat({ name, since }: Pick<Seat, 'name' | 'since'>, session: Session): void {
    const older = [...this.#seats.values()].find((seat) => seat.name === name);
    const away = setTimeout(() => this.#leave(seat), awayMs);
    const seat: Seat = { name, since, session, away, allowance: new Allowance(Date.now()) };
    this.#seats.set(hex(session.keyId), seat);
    if (older) this.#end(older);
    else this.#say('', `${name} came in`);
  }

  #hear(frame: Uint8Array): void {
    const seat = this.#seats.get(hex(readKeyId(frame, 'node', other)));
    if (!seat) throw new Refusal('key.unknown');
    const message = seat.session.open(frame, () => seat.allowance.take(Date.now()));
    seat.away.refresh();
    if (message.kind === 'other') this.#say(seat.name, Buffer.from(message.body).toString());
    else if (message.kind === 'ask') this.#answer(seat, message.body.epoch, message.body.missing);
    else if (message.kind === 'leave') this.#leave(seat);
  }

  #answer(seat: Seat, epoch: number, missing: number[]): void {
    if (epoch !== this.#epoch.epoch) this.#tell(seat, { kind: 'epoch', body: { ...this.#epoch, head: this.#head } });
    for (const command of missing.flatMap((number) => (number > seat.since ? (this.#said.get(number) ?? []) : [])))
      this.#tell(seat, { kind: 'command', body: { ...command, target: seat.session.nodeId } });
    this.#tell(seat, {
      kind: 'ack',
      body: { through: 0, head: this.#head, epoch: this.#epoch.epoch, time: Date.now() },
    });
  }

  #tell({ session }: Seat, message: DownMessage): void {
    this.#hop.outlet.data(session.topic, session.seal(message));
  }

  #say(name: string, words: string): void {
    const text = `${name}\t${plain(words)}`;
    const command: Command = {
      id: systemEntropy.bytes(16),
      target: everyone,
      issued: Date.now(),
      expires: Date.now() + 60_000,
      action: { type: 'text', text },
    };
    this.#said.set(++this.#head, command).delete(this.#head - keptLines);
    this.#show(text);
    if (this.#epoch.epoch === 0) return;
    const { topic, frame } = this.#broadcaster.seal(this.#head, command);
    this.#hop.outlet.data(topic, frame);
  }

  #leave(seat: Seat): void {
    this.#end(seat);
    this.#say('', `${seat.name} went`);
  }

  #end(seat: Seat): void {
    clearTimeout(seat.away);
    this.#seats.delete(hex(seat.session.keyId));
    seat.session.erase();
  }
}

function newKeys() {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const signing = generateKeyPairSync('ed25519');
  return {
    rsa: [{ rsaPrivate: rsa.privateKey, rsaSpki: rsa.publicKey.export({ type: 'spki', format: 'der' }) }] as const,
    signingPrivate: signing.privateKey,
    signingPublic: signing.publicKey.export({ format: 'raw-public' }),
  };
}

/** One line, without what moves a cursor or turns the direction of writing on somebody's terminal. */
function plain(words: string): string {
  const line = words.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.slice(0, 1000).toWellFormed();
}
