// A chat that nobody between its guests can read: README.md, A chat.
import { Guest } from './guest.ts';
import { Room } from './room.ts';
import { Screen } from './screen.ts';

const [verb, name = 'localhost', ...ports] = process.argv.slice(2);
const screen = new Screen();
const show = (said: string) => screen.show(said);

if (verb === 'room') {
  const room = await Room.open(name, ports.map(Number), show);
  for await (const line of screen.lines) room.heed(line);
  await room.close();
} else if (verb === 'join' && /^[\p{L}\p{N}_-]+$/u.test(name)) {
  const guest = new Guest(`data/chat/${name}`, await screen.ask('Paste your invite, or nothing to come back:'), show);
  for await (const line of screen.lines) guest.say(line);
  await guest.leave();
} else show('\tnpm run chat -- room [HOST [FOUR PORTS]]\nnpm run chat -- join NAME');
process.exit();
