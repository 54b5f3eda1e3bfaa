import type { NodeView } from '@sealcast/master/fleet/views';
import type { Command } from '../command/command.ts';
import { exitCodes } from '../command/failures.ts';
import { findNodes } from '../fleet/find-nodes.ts';
import { byName, nodeTable } from '../fleet/node-table.ts';
import { nodeText } from '../fleet/node-text.ts';

export const nodes: Command = {
  name: 'nodes',
  takes: '[NODE]…',
  what: 'every node, or all that is known of some',
  details: 'NODE is a name, an id, or how an id begins. With --json, the views that the page has too.',
  async run(call) {
    using connection = await call.connect();
    const all = await connection.client.nodes();
    const wanted: NodeView[] = call.words.length === 0 ? all : findNodes(all, call.words);
    const { screen } = call;
    if (call.json) screen.json(wanted);
    else if (call.words.length > 0) screen.write(wanted.map((node) => nodeText(node, Date.now(), screen)).join('\n'));
    else if (all.length === 0) screen.note('There is no node yet; sealcast invite makes an invite for one.');
    else screen.write(nodeTable(byName(all), Date.now(), screen));
    return exitCodes.done;
  },
};
