import type { NodeView } from '@sealcast/master/fleet/views';
import { setTimeout as pause } from 'node:timers/promises';
import type { LiveEvent } from '../api/events.ts';
import type { MasterClient } from '../api/master-client.ts';
import { Unreachable } from '../api/request.ts';
import type { Command } from '../command/command.ts';
import type { ExitCode } from '../command/failures.ts';
import { eventText } from '../fleet/event-text.ts';
import { byName, nodeTable } from '../fleet/node-table.ts';
import type { Screen } from '../terminal/screen.ts';

const againMs = 2000;

export const watch: Command = {
  name: 'watch',
  what: 'the fleet as it changes, until Ctrl-C',
  details: `On a terminal a table; elsewhere a line for each change of a node's state, order and receipt. With --json every event of the master,
a line each. Where the master goes away, it is looked for again.`,
  async run(call) {
    call.operands();
    using connection = await call.connect();
    const view = call.json
      ? jsonView(call.screen)
      : call.screen.isTerminal
        ? tableView(call.screen)
        : lineView(call.screen);
    return await follow(connection.client, view);
  },
};

interface View {
  /** Hears of all nodes, at the beginning and after each interruption. */
  all(nodes: NodeView[]): void;
  event(event: LiveEvent, nodes: ReadonlyMap<string, NodeView>, before: NodeView | undefined): void;
  lost(why: string): void;
}

/** Never comes to an end by itself. */
async function follow(client: MasterClient, view: View): Promise<ExitCode> {
  for (;;) {
    try {
      const events = await client.events(new AbortController().signal);
      const known = new Map((await client.nodes()).map((node) => [node.id, node]));
      view.all([...known.values()]);
      for await (const event of events) {
        const before = event.type === 'node' ? known.get(event.node.id) : undefined;
        if (event.type === 'node') known.set(event.node.id, event.node);
        if (event.type === 'removed') known.delete(event.id);
        view.event(event, known, before);
      }
      view.lost('the master ended the connection');
    } catch (error) {
      if (!(error instanceof Unreachable) && !isCut(error)) throw error;
      view.lost(error.message);
    }
    await pause(againMs);
  }
}

function isCut(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && error.code === 'ECONNRESET';
}

function jsonView(screen: Screen): View {
  return {
    all: (nodes) => nodes.forEach((node) => screen.line(JSON.stringify({ type: 'node', node }))),
    event: (event) => screen.line(JSON.stringify(event)),
    lost: (why) => screen.note(why),
  };
}

function lineView(screen: Screen): View {
  const say = (text: string) => screen.line(`${new Date().toISOString()} ${text}`);
  return {
    all: (nodes) => nodes.forEach((node) => say(eventText({ type: 'node', node }, undefined) ?? '')),
    event(event, _, before) {
      const text = eventText(event, before);
      if (text !== undefined) say(text);
    },
    lost: (why) => screen.note(why),
  };
}

/** The other screen of the terminal; what stood there comes back at the end. */
function tableView(screen: Screen): View {
  screen.write('\u001b[?1049h\u001b[?25l');
  process.on('exit', () => screen.write('\u001b[?25h\u001b[?1049l'));
  let shown: NodeView[] = [];
  let note = '';
  const draw = () => {
    const lines = nodeTable(byName(shown), Date.now(), screen)
      .split('\n')
      .slice(0, screen.height - 2);
    const foot = screen.paint('dim', note === '' ? 'Ctrl-C ends.' : note);
    screen.write(`\u001b[H${[...lines, foot].map((line) => `${line}\u001b[K`).join('\n')}\u001b[J`);
  };
  setInterval(draw, 1000);
  process.stdout.on('resize', draw);
  return {
    all(nodes) {
      [shown, note] = [nodes, ''];
      draw();
    },
    event(_, nodes) {
      shown = [...nodes.values()];
    },
    lost(why) {
      note = `${why}; looking for it again`;
      draw();
    },
  };
}
