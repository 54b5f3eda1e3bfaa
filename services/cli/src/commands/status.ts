import type { CommandView, NodeView } from '@sealcast/master/fleet/views';
import type { Command } from '../command/command.ts';
import { exitCodes } from '../command/failures.ts';
import { actionText } from '../fleet/action-text.ts';
import { ago, counted } from '../terminal/quantity.ts';

export const status: Command = {
  name: 'status',
  what: 'the fleet in a few lines',
  async run(call) {
    call.operands();
    using connection = await call.connect();
    const { client } = connection;
    const [nodes, { transport }, { invites }, refusals, [latest]] = await Promise.all([
      client.nodes(),
      client.status(),
      client.invites(),
      client.refusals(),
      client.commands(),
    ]);
    const states = {
      nodes: nodes.length,
      alive: nodes.filter(({ state }) => state === 'alive').length,
      away: nodes.filter(({ state }) => state === 'away').length,
      never: nodes.filter(({ state }) => state === 'never').length,
      cloned: nodes.filter(({ cloned }) => cloned !== null).length,
    };
    const openInvites = invites.filter(({ state }) => state === 'open').length;
    const [refused, cut] = [sum(refusals.counts), sum(refusals.cuts)];
    if (call.json) {
      call.screen.json({ ...states, transport, openInvites, refused, cut, latest: latest ?? null });
      return exitCodes.done;
    }
    const { screen } = call;
    const now = Date.now();
    const row = (label: string, text: string) => screen.line(`${screen.paint('dim', label.padEnd(11))}${text}`);
    row('Nodes', nodesText(nodes, states, screen.paint));
    row(
      'Wire',
      transport.up ? `up since ${ago(transport.since, now).replace(' ago', '')}` : screen.paint('red', 'down'),
    );
    row('Invites', `${openInvites} open`);
    row('Refused', `${counted(refused, 'frame')}, ${counted(cut, 'connection')} cut`);
    if (latest !== undefined) row('Last order', latestText(latest, now));
    return exitCodes.done;
  },
};

function nodesText(
  nodes: readonly NodeView[],
  { alive, away, never, cloned }: Record<'alive' | 'away' | 'never' | 'cloned', number>,
  paint: (style: 'green' | 'yellow' | 'red', text: string) => string,
): string {
  const parts = [
    ...(alive > 0 || nodes.length === 0 ? [paint('green', `${alive} alive`)] : []),
    ...(away > 0 ? [paint('yellow', `${away} away`)] : []),
    ...(never > 0 ? [paint('yellow', `${never} never heard`)] : []),
    ...(cloned > 0 ? [paint('red', `${cloned} cloned`)] : []),
  ];
  return parts.join(', ');
}

function latestText({ action, issued, everyone, receipts }: CommandView, nowMs: number): string {
  const done = receipts.filter(({ outcome }) => outcome === 'done').length;
  const whom = everyone ? 'everyone' : counted(receipts.length, 'node');
  return `${actionText(action)} to ${whom}, ${ago(issued, nowMs)}: ${done} of ${receipts.length} done`;
}

function sum(counts: Record<string, number>): number {
  return Object.values(counts).reduce((all, one) => all + one, 0);
}
