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
import { Book, type Guest, hex } from './book.ts';

/** A guest who is there. */
type Seat = { guest: Guest; session: Session; allowance: Allowance; away: NodeJS.Timeout };

const options = { other: true };
const [awayMs, keptLines] = [15_000, 64];
const [rsa, signing] = [generateKeyPairSync('rsa', { modulusLength: 2048 }), generateKeyPairSync('ed25519')];
const rsaSpki = rsa.publicKey.export({ type: 'spki', format: 'der' });
const signingPublic = signing.publicKey.export({ format: 'raw-public' });
const keys = {
  rsa: [{ rsaPrivate: rsa.privateKey, rsaSpki }],
  signingPrivate: signing.privateKey,
  signingPublic,
} as const;
const curve = curveKeyPair();

export class Room {
  readonly #book = new Book();
  readonly #joins = new MasterJoins(keys, systemEntropy, (who) => this.#book.judge(who), undefined, options);
  readonly #broadcaster = new Broadcaster(keys, systemEntropy);
  readonly #address: Hop;
  readonly #hop: HopServer;
  readonly #show: (said: string) => void;
  #relay: Hop | undefined;
  /** By key id. */
  readonly #seats = new Map<string, Seat>();
  readonly #said = new Map<number, Command>();
  #epoch = { epoch: 0, key: systemEntropy.bytes(32) };
  #head = 0;

  private constructor(host: string, ports: number[], show: (said: string) => void) {
    const [dataIn = 36510, dataOut = 36511, joinIn = 36512, joinOut = 36513] = ports;
    this.#show = show;
    this.#address = { host, data: [dataIn, dataOut], join: [joinIn, joinOut], curve: decodeZ85(curve.publicKey) };
    this.#hop = new HopServer({
      host: host === 'localhost' ? '127.0.0.1' : '0.0.0.0',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...curve },
      admits: ({ hopKey }) => (hex(hopKey) === hex(this.#relay?.up) ? 'relay' : this.#book.admits(hopKey)),
      log: createLog('room', 'silent'),
    });
  }

  static async open(host: string, ports: number[], show: (said: string) => void): Promise<Room> {
    const room = new Room(host, ports, show);
    const [join, data] = [room.#join.bind(room), room.#hear.bind(room)];
    await room.#hop.start({ join, data, refused: () => {} });
    show('\t/invite NAME  lets one guest in\n/relay LINE   has the guests invited after it come through a relay');
    show(`\tthe relay is started with mq_upstream='${formatHop(room.#address)}'`);
    return room;
  }

  /** What is typed in the room itself. */
  heed(line: string): void {
    const [, order, rest = ''] = /^\/(\w+) +(\S+)/.exec(line) ?? [];
    try {
      if (order === 'relay') this.#relay = parseHop(rest);
      else if (order !== 'invite') this.#say('room', line);
      else this.#show(`\t${rest} types: npm run chat -- join ${rest}\nand pastes: ${this.#invite(rest)}`);
    } catch (error) {
      this.#show(`\t${String(error)}`);
    }
  }

  close(): Promise<void> {
    return this.#hop.stop();
  }

  #invite(name: string): string {
    const { up: _, ...hop } = this.#relay ?? this.#address;
    return formatInvite({
      ...hop,
      mechanism: 'curve',
      rsa: rsaSpki,
      signing: signingPublic,
      ...this.#book.invite(name),
    });
  }

  #join(frame: Uint8Array): void {
    let guest: Guest | undefined;
    const {
      topic,
      frame: answer,
      joined,
    } = this.#joins.receive(frame, Date.now(), (applicant) => {
      guest = this.#book.enrol(applicant, this.#head);
      // Who comes can't read what was said before, not even from a recording.
      this.#epoch = { epoch: this.#epoch.epoch + 1, key: systemEntropy.bytes(32) };
      this.#broadcaster.begin(this.#epoch.epoch, this.#epoch.key);
      for (const seat of this.#seats.values()) this.#tell(seat, this.#epochNow());
      return { ...this.#epoch, head: this.#head, through: 0, time: Date.now(), interval: 1 };
    });
    this.#hop.outlet.join(topic, answer);
    if (joined && guest) this.#seat(guest, joined.session);
  }

  #seat(guest: Guest, session: Session): void {
    const older = [...this.#seats.values()].find((seat) => seat.guest.name === guest.name);
    const away = setTimeout(() => this.#leave(seat), awayMs);
    const seat: Seat = { guest, session, away, allowance: new Allowance(Date.now()) };
    this.#seats.set(hex(session.keyId), seat);
    if (older) this.#end(older);
    else this.#say('', `${guest.name} came in`);
  }

  #hear(frame: Uint8Array): void {
    const seat = this.#seats.get(hex(readKeyId(frame, 'node', options)));
    if (!seat) throw new Refusal('key.unknown');
    const { kind, body } = seat.session.open(frame, () => seat.allowance.take(Date.now()));
    seat.away.refresh();
    if (kind === 'other') this.#say(seat.guest.name, Buffer.from(body).toString());
    if (kind === 'leave') this.#leave(seat);
    if (kind === 'ask' && body.epoch !== this.#epoch.epoch) this.#tell(seat, this.#epochNow());
    for (const number of kind === 'ask' ? body.missing : []) this.#repeat(seat, number);
    const ack = { through: 0, head: this.#head, epoch: this.#epoch.epoch, time: Date.now() };
    if (kind === 'report') this.#tell(seat, { kind: 'ack', body: ack });
  }

  #repeat(seat: Seat, number: number): void {
    const command = this.#said.get(number);
    if (!command || number <= seat.guest.since) return;
    this.#tell(seat, { kind: 'command', body: { ...command, target: seat.session.nodeId } });
  }

  #epochNow(): DownMessage {
    return { kind: 'epoch', body: { ...this.#epoch, head: this.#head } };
  }

  #tell({ session }: Seat, message: DownMessage): void {
    this.#hop.outlet.data(session.topic, session.seal(message));
  }

  #say(name: string, words: string): void {
    const line = plain(words);
    if (line === '') return;
    const text = `${name}\t${line}`;
    const now = Date.now();
    const command = { id: systemEntropy.bytes(16), target: everyone, issued: now, expires: now + 60_000 };
    const said: Command = { ...command, action: { type: 'text', text } };
    this.#said.set(++this.#head, said).delete(this.#head - keptLines);
    this.#show(text);
    if (this.#epoch.epoch === 0) return;
    const { topic, frame } = this.#broadcaster.seal(this.#head, said);
    this.#hop.outlet.data(topic, frame);
  }

  #leave(seat: Seat): void {
    this.#end(seat);
    this.#say('', `${seat.guest.name} went`);
  }

  #end({ session, away }: Seat): void {
    clearTimeout(away);
    this.#seats.delete(hex(session.keyId));
    session.erase();
  }
}

/** One line, without what moves a cursor or turns the direction of writing on somebody's terminal. */
function plain(words: string): string {
  const line = words.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.slice(0, 1000).toWellFormed().trim();
}
