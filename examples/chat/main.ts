// A chat that nobody between its guests can read: README.md, A chat.
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { Refusal } from '@sealcast/channel/errors';
import { joinRoom } from './guest.ts';
import { openRoom } from './room.ts';
import { isName } from './words.ts';

const { stdin, stdout } = process;
const [verb, name = 'localhost', ...ports] = process.argv.slice(2);
const colours = ['cyan', 'green', 'yellow', 'magenta', 'blue'] as const;
const terminal = createInterface({ input: stdin, output: stdout, prompt: '' });
const lines = terminal[Symbol.asyncIterator]();
let isOpen = true;
terminal.once('close', () => (isOpen = false));
// What was typed goes away, and comes back when the room says it.
terminal.on('line', (line) => wipe(1 + Math.floor(line.length / stdout.columns)));

/** `said` is a name, a tab and a text; without a name, it is no guest who speaks. What is being typed stays below it. */
function show(said: string): void {
  const [speaker = '', text = ''] = said.split('\t');
  const colour = colours[Buffer.from(speaker).reduce((sum, byte) => sum + byte, 0) % colours.length] ?? 'cyan';
  const { rows } = terminal.getCursorPos();
  wipe(rows);
  const shown = speaker ? `${styleText(['bold', colour], speaker)}  ${text}` : styleText('dim', text);
  // Before it draws again what is being typed, readline goes up as many rows as that took.
  console.log(shown + '\n'.repeat(rows));
  if (isOpen) terminal.prompt(true);
}

function wipe(rows: number): void {
  if (!stdout.isTTY) return;
  stdout.moveCursor(0, -rows);
  stdout.cursorTo(0);
  stdout.clearScreenDown();
}

async function enter() {
  if (verb === 'room') return openRoom(name, ports.map(Number), show);
  show('\tPaste your invite, or nothing to come back:');
  return joinRoom(`data/chat/${name}`, String((await lines.next()).value).trim(), show);
}

/** What somebody typed wrong, or has to mend first, is a line and no stack of calls. */
function leave(error: unknown): never {
  const isInvite = error instanceof Refusal;
  const why = isInvite ? 'this is no invite, or a damaged one: paste the whole line that the room showed' : error;
  show(`\t${why instanceof Error ? why.message : String(why)}`);
  process.exit(1);
}

if (verb === 'room' || (verb === 'join' && isName(name))) {
  const chat = await enter().catch(leave);
  for await (const line of lines) chat.say(line);
  await chat.leave();
} else show('\tnpm run chat -- room [HOST [FOUR PORTS]]\nnpm run chat -- join NAME');
process.exit();
