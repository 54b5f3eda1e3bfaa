import type { Command } from '../command/command.ts';
import { exitCodes } from '../command/failures.ts';
import { findNodes } from '../fleet/find-nodes.ts';
import { checkCanAsk, readConsent } from '../terminal/ask.ts';
import { harmlessLine } from '../terminal/harmless.ts';

export const remove: Command = {
  name: 'remove',
  takes: 'NODE…',
  what: 'take nodes out for good',
  details: 'To have such a machine back, as a new node, empty its state folder and give it a new invite.',
  options: { yes: { type: 'boolean', what: 'do not ask' } },
  async run(call) {
    if (call.words.length === 0) call.operands('NODE');
    if (!call.flag('yes')) checkCanAsk(call.screen, '--yes says that you are sure');
    using connection = await call.connect();
    const found = findNodes(await connection.client.nodes(), call.words);
    const names = found.map(({ name }) => harmlessLine(name)).join(', ');
    if (!call.flag('yes') && !(await readConsent(`Take ${names} out for good?`))) return exitCodes.failed;
    for (const { id } of found) await connection.client.removeNode(id);
    if (call.json) call.screen.json(found.map(({ id, name }) => ({ id, name })));
    else call.screen.note(`Removed: ${names}.`);
    return exitCodes.done;
  },
};
