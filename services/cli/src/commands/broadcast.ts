import type { Action, CommandView } from '@sealcast/master/fleet/views';
import type { CommandOrder, MasterClient } from '../api/master-client.ts';
import { type Call, type Command, type Option, wholeNumber } from '../command/command.ts';
import { exitCodes, UsageError } from '../command/failures.ts';
import { findNodes } from '../fleet/find-nodes.ts';
import { exitCodeOf, news, receiptText } from '../fleet/receipts.ts';
import { harmlessLine } from '../terminal/harmless.ts';
import { counted } from '../terminal/quantity.ts';

const hourSeconds = 3600;
const weekSeconds = 604_800;
const waitSeconds = 60;

const options: Record<string, Option> = {
  to: {
    type: 'string',
    value: 'NODE',
    multiple: true,
    what: 'only to these, between commas or several times (everyone)',
  },
  wait: { type: 'string', value: 'SECONDS', what: `how long to wait for receipts; 0 does not wait (${waitSeconds})` },
  expires: { type: 'string', value: 'SECONDS', what: 'until when a node that is away may still do it (3600)' },
};

const details = `Each receipt is shown as it comes. What a node does not let be done, it refuses. The exit code is 0 where all have done it, 1 where
none has or will, and 4 where some have, or have yet to say.`;

function broadcastOf(
  name: string,
  takes: string | undefined,
  what: string,
  actionOf: (call: Call) => Action,
  more = {},
): Command {
  return {
    name: `broadcast ${name}`,
    ...(takes === undefined ? {} : { takes }),
    what,
    details,
    options: { ...options, ...more },
    async run(call) {
      return await send(call, actionOf(call));
    },
  };
}

export const broadcasts: Command[] = [
  broadcastOf('text', 'TEXT', "show a text in the nodes' logs", (call) => {
    const [text = ''] = call.operands('TEXT');
    return { type: 'text', text };
  }),
  broadcastOf('interval', 'SECONDS', 'set the time between two samples', (call) => {
    const [seconds = ''] = call.operands('SECONDS');
    return { type: 'interval', seconds: wholeNumber('SECONDS', seconds, 1, hourSeconds) };
  }),
  broadcastOf('rotate', undefined, 'have nodes take a new identity', (call) => {
    call.operands();
    return { type: 'rotate' };
  }),
  broadcastOf(
    'run',
    '-- PROGRAM [ARGUMENT]…',
    'run a program, without a shell',
    (call) => {
      const [program, ...rest] = call.words;
      if (program === undefined) throw new UsageError('PROGRAM is missing');
      if (!program.startsWith('/')) throw new UsageError(`${program} is no whole path; write one that begins with /`);
      return { type: 'run', program, arguments: rest, seconds: call.number('seconds', 1, hourSeconds) ?? 60 };
    },
    { seconds: { type: 'string', value: 'SECONDS', what: 'for how long it may run (60)' } },
  ),
];

async function send(call: Call, action: Action): Promise<ReturnType<typeof exitCodeOf>> {
  const expiresInSeconds = call.number('expires', 1, weekSeconds) ?? hourSeconds;
  const wait = call.number('wait', 0, weekSeconds) ?? waitSeconds;
  using connection = await call.connect();
  const { client } = connection;
  const names = call.texts('to');
  const targets = names.length === 0 ? 'everyone' : findNodes(await client.nodes(), names).map(({ id }) => id);
  const command = await carriedOut(call, client, { action, targets, expiresInSeconds }, wait);
  if (call.json) call.screen.json(command);
  else conclude(call, command, wait);
  return wait === 0 && command.receipts.length > 0 ? exitCodes.done : exitCodeOf(command);
}

/** As it stands when everybody has answered, or the time is over. */
async function carriedOut(call: Call, client: MasterClient, order: CommandOrder, wait: number): Promise<CommandView> {
  if (wait === 0) return await client.order(order);
  const told = new Set<string>();
  const over = AbortSignal.timeout(wait * 1000);
  let last: CommandView | undefined;
  const tell = (command: CommandView) => {
    last = command;
    if (call.json) return;
    for (const receipt of news(command, told)) {
      call.screen.progress('');
      call.screen.write(receiptText(receipt, command.issued, call.screen.paint));
    }
    const waiting = command.receipts.length - told.size;
    call.screen.progress(waiting === 0 ? '' : `waiting for ${counted(waiting, 'node')}`);
  };
  try {
    return await client.carryOut(order, over, tell);
  } catch (error) {
    if (!over.aborted || last === undefined) throw error;
    return last;
  } finally {
    call.screen.progress('');
  }
}

function conclude(call: Call, { id, receipts }: CommandView, wait: number): void {
  const { screen } = call;
  if (receipts.length === 0) return screen.note('There is no node to do it.');
  if (wait === 0) return screen.note(`Sent to ${counted(receipts.length, 'node')} as ${id}.`);
  const waiting = receipts.filter(({ outcome }) => outcome === 'waiting').map(({ name }) => harmlessLine(name));
  if (waiting.length > 0) screen.note(`Nothing heard in ${wait} s from ${waiting.join(', ')}; the order stands.`);
}
