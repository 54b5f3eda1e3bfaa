import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { readEvents } from '@sealcast/cli/api/events';
import { expect, test } from 'vitest';

test('a name that holds other line ends than U+000A breaks no event off', async () => {
  const name = 'one\u2028two\u2029three\rfour\u0085five';
  const receipt = { node: 'a'.repeat(32), name, outcome: 'waiting', detail: null, output: null, at: null };
  const command = {
    id: 'b'.repeat(32),
    issued: 1,
    expires: 2,
    by: 'admin',
    action: { type: 'rotate' },
    everyone: true,
    receipts: [receipt],
  };
  const response = new IncomingMessage(new Socket());
  response.push(`event: command\ndata: ${JSON.stringify(command)}\n\n`);
  response.push(null);
  const told = [];
  for await (const event of readEvents(response)) told.push(event);
  expect(told).toEqual([{ type: 'command', command }]);
});
