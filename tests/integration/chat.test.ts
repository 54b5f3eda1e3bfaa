import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseHop } from '@sealcast/channel/hop-line';
import { expect, test } from 'vitest';
import { freePorts } from '../../scripts/free-ports.ts';
import { FalseRelay } from '../stack/false-relay.ts';
import { RelayProcess } from '../stack/relay-process.ts';

const main = join(import.meta.dirname, '../../examples/chat/main.ts');
// Longer than a room waits for a guest whose goodbye was lost.
const patienceMs = 45_000;

// A test that runs into its time limit disposes of nothing.
const running = new Set<ChildProcess>();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** A room or a guest as somebody has it in a terminal. */
class Terminal {
  text = '';
  readonly ended: Promise<number | null>;
  readonly #child: ChildProcess;
  readonly #listeners = new Set<() => void>();

  constructor(folder: string, ...args: string[]) {
    this.#child = spawn(process.execPath, [main, ...args], { cwd: folder, stdio: ['pipe', 'pipe', 'pipe'] });
    running.add(this.#child);
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.setEncoding('utf8').on('data', (text: string) => {
        this.text += text;
        for (const look of this.#listeners) look();
      });
    this.ended = new Promise((resolve) => this.#child.on('exit', resolve));
    void this.ended.then(() => running.delete(this.#child));
  }

  type(line: string): void {
    this.#child.stdin?.write(`${line}\n`);
  }

  close(): void {
    this.#child.stdin?.end();
  }

  kill(): Promise<unknown> {
    this.#child.kill('SIGKILL');
    return this.ended;
  }

  async shows(wanted: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const look = () => {
      const [found] = wanted.exec(this.text) ?? [];
      if (found !== undefined) resolve(found);
    };
    const timer = setTimeout(() => reject(new Error(`no ${wanted} in:\n${this.text}`)), patienceMs);
    this.#listeners.add(look);
    look();
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#listeners.delete(look);
    }
  }
}

class Evening implements AsyncDisposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'sealcast-chat-'));
  readonly #terminals: Terminal[] = [];

  start(...args: string[]): Terminal {
    const terminal = new Terminal(this.folder, ...args);
    this.#terminals.push(terminal);
    return terminal;
  }

  async room(): Promise<Terminal> {
    const room = this.start('room', 'localhost', ...(await freePorts([0, 0, 0, 0])).map(String));
    await room.shows(/mq_upstream/);
    return room;
  }

  /** The invite's line; `relay` is that of the relay to come through. */
  async invite(room: Terminal, name: string, relay = ''): Promise<string> {
    room.type(`/invite ${name} ${relay}`);
    return (await room.shows(new RegExp(`join ${name}\\n.*sealcast1:\\S+`))).split(' ').at(-1) ?? '';
  }

  async guest(name: string, invite: string): Promise<Terminal> {
    const guest = this.start('join', name);
    guest.type(invite);
    await guest.shows(new RegExp(`${name} came in`));
    return guest;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#terminals.map((terminal) => terminal.kill()));
    rmSync(this.folder, { recursive: true });
  }
}

async function lineOf(room: Terminal): Promise<string> {
  return await room.shows(/sealcast-hop1:[\w-]+/);
}

test('what one guest types appears in the room and at the other, and no relay between them sees a word of it', async () => {
  await using evening = new Evening();
  const room = await evening.room();
  const line = await lineOf(room);
  await using honest = await RelayProcess.start(line);
  const ann = await evening.guest('ann', await evening.invite(room, 'ann', await honest.line()));
  const invited = Promise.withResolvers<string>();
  await using recording = await FalseRelay.start(parseHop(line), async (own) =>
    invited.resolve(await evening.invite(room, 'bob', own)),
  );
  const bob = await evening.guest('bob', await invited.promise);
  await ann.shows(/bob came in/);
  ann.type('the key is under the third flowerpot');
  await bob.shows(/^ann {2}the key is under the third flowerpot$/m);
  await room.shows(/^ann {2}the key is under the third flowerpot$/m);
  bob.type('found it');
  await ann.shows(/^bob {2}found it$/m);
  room.type('good night');
  await ann.shows(/^room {2}good night$/m);
  await bob.shows(/^room {2}good night$/m);
  bob.close();
  expect(await bob.ended).toBe(0);
  await ann.shows(/bob went/);
  const carried = Buffer.concat(recording.recorded.flatMap(({ topic, frame }) => [topic, frame]));
  expect(recording.recorded.length).toBeGreaterThan(8);
  for (const word of ['flowerpot', 'found it', 'good night', 'ann came', 'bob came'])
    expect([word, carried.includes(word)]).toEqual([word, false]);
});

test('an invite lets in one guest, who comes back by an identity that nobody else can read', async () => {
  await using evening = new Evening();
  const room = await evening.room();
  const invite = await evening.invite(room, 'ann');
  const ann = await evening.guest('ann', invite);
  ann.close();
  await room.shows(/ann went/);
  const thief = evening.start('join', 'thief');
  thief.type(invite);
  await thief.shows(/refused this invite/);
  const back = evening.start('join', 'ann');
  back.type('');
  await room.shows(/ann went[^]*ann came in/);
  await back.shows(/ann came in/);
  back.type('here again');
  await room.shows(/^ann {2}here again$/m);
  const folder = join(evening.folder, 'data/chat/ann');
  expect(readdirSync(folder).map((name) => (statSync(join(folder, name)).mode & 0o777).toString(8))).toEqual([
    '600',
    '600',
  ]);
  const { seed } = JSON.parse(readFileSync(join(folder, 'identity.json'), 'utf8'));
  expect([ann, back, room].some(({ text }) => text.includes(seed))).toBe(false);
}, 120_000);

test('whoever comes later sees nothing of what was said before', async () => {
  await using evening = new Evening();
  const room = await evening.room();
  const ann = await evening.guest('ann', await evening.invite(room, 'ann'));
  ann.type('between us');
  await room.shows(/between us/);
  const bob = await evening.guest('bob', await evening.invite(room, 'bob'));
  ann.type('and for everyone');
  await bob.shows(/and for everyone/);
  expect(bob.text).not.toContain('between us');
});

test('a name is had by one, and stands for nobody else', async () => {
  await using evening = new Evening();
  const room = await evening.room();
  await evening.invite(room, 'ann');
  for (const name of ['ann', 'room', 'a/b']) room.type(`/invite ${name}`);
  await room.shows(/ann is taken[^]*room is taken[^]*a name is up to/);
  expect(room.text.match(/sealcast1:/g)).toHaveLength(1);
});

test.for([
  ['a damaged invite', 'sealcast1:AAAA', /this is no invite, or a damaged one: paste the whole line/],
  ['a line that is none', 'hello', /this is no invite, or a damaged one/],
  ['nothing, without having been there', '', /there is nothing to come back to: ask the room for an invite/],
] as const)('%s is answered with one line', async ([, pasted, expected]) => {
  await using evening = new Evening();
  const guest = evening.start('join', 'ann');
  guest.type(pasted);
  expect(await guest.ended).toBe(1);
  expect(guest.text).toMatch(expected);
  expect(
    guest.text
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== ''),
  ).toHaveLength(2);
  expect(guest.text).not.toContain('    at ');
});

test('a guest hears of a room that closes in the words of a chat', async () => {
  await using evening = new Evening();
  const room = await evening.room();
  const ann = await evening.guest('ann', await evening.invite(room, 'ann'));
  await room.kill();
  await ann.shows(/the room is gone: you come in again by yourself/);
  await ann.shows(/the room can't be reached at/);
  expect(ann.text).not.toContain('master');
}, 120_000);

test('a room whose ports are taken says so in one line', async () => {
  await using evening = new Evening();
  const { data, join: joinPorts } = parseHop(await lineOf(await evening.room()));
  const second = evening.start('room', 'localhost', ...[...data, ...joinPorts].map(String));
  expect(await second.ended).toBe(1);
  expect(second.text).toMatch(/can't listen at 127\.0\.0\.1, port \d+/);
  expect(second.text).not.toContain('    at ');
});
