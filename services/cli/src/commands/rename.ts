import type { Command } from '../command/command.ts';
import { exitCodes } from '../command/failures.ts';
import { findNodes } from '../fleet/find-nodes.ts';
import { harmlessLine } from '../terminal/harmless.ts';

export const rename: Command = {
  name: 'rename',
  takes: 'NODE [NAME]',
  what: 'give a node a name',
  details: 'The page, this program and /metrics call it that. Nothing changes on the machine.',
  options: { own: { type: 'boolean', what: 'no NAME: it is called by its host name again' } },
  async run(call) {
    const [node = '', name = null] = call.flag('own') ? call.operands('NODE') : call.operands('NODE', 'NAME');
    using connection = await call.connect();
    const [found] = findNodes(await connection.client.nodes(), [node]);
    if (found === undefined) return exitCodes.failed;
    await connection.client.renameNode(found.id, name);
    if (call.json) call.screen.json({ id: found.id, name });
    else
      call.screen.note(
        `${harmlessLine(found.name)} is now called ${name === null ? 'by its host name' : harmlessLine(name)}.`,
      );
    return exitCodes.done;
  },
};
