import type { InviteOrder } from '../api/master-client.ts';
import { pageUrl } from '../api/page-url.ts';
import type { InviteView } from '../api/views.ts';
import type { Call, Command } from '../command/command.ts';
import { CommandError, exitCodes, UsageError } from '../command/failures.ts';
import { type InstallText, installText } from '../fleet/install-text.ts';
import { harmlessLine } from '../terminal/harmless.ts';
import { moment } from '../terminal/quantity.ts';
import { qrCode } from '../terminal/qr.ts';
import type { Screen } from '../terminal/screen.ts';
import { type Cell, table } from '../terminal/table.ts';

const yearHours = 8760;
const prefixLeast = 4;

export const invite: Command = {
  name: 'invite',
  takes: 'LABEL',
  what: 'make an invite, good for one node',
  details: `The list of invites has LABEL, and the node is called that. The invite goes to standard output, and on a terminal its QR code and the line
that installs a node with it; --json has that line, too. It is told once: whoever has it first can join, until it is spent, expires or is
withdrawn.`,
  options: {
    host: { type: 'string', value: 'HOST', what: 'where nodes reach the master, where mq_public_host is not set' },
    relay: { type: 'string', value: 'RELAY', what: 'the name of a relay, in the place of the master' },
    hours: { type: 'string', value: 'HOURS', what: 'how long it is good for (24)' },
    page: {
      type: 'string',
      value: 'URL',
      what: "the page's, where machines fetch the node (https://HOST:8443, or where you signed in)",
    },
    container: { type: 'boolean', what: 'the line for a container, in the place of a service' },
    wget: { type: 'boolean', what: 'the line for wget, in the place of curl' },
    'no-qr': { type: 'boolean', what: 'without the QR code' },
  },
  async run(call) {
    const [label = ''] = call.operands('LABEL');
    const hours = call.number('hours', 1, yearHours);
    if (call.text('host') !== undefined && call.text('relay') !== undefined)
      throw new UsageError('--host and --relay are two places; name one');
    const named = call.text('page') === undefined ? undefined : pageUrl(call.text('page') ?? '');
    using connection = await call.connect();
    const { client } = connection;
    const place = await placeOf(call, async () => (await client.relays()).relays);
    const { publicHost } = await client.invites();
    const host = 'relay' in place ? null : (place.host ?? publicHost);
    if (host === null && !('relay' in place))
      throw new UsageError(
        'the invite has to say where nodes reach the master: name it with --host, or set mq_public_host',
      );
    const made = await client.makeInvite({ label, ...(hours === undefined ? {} : { hours }), ...place });
    const text = installText(connection, made, { named, host, ...wayOf(call) });
    const { screen } = call;
    if (call.json) {
      screen.json({ ...made, line: text.line });
      return exitCodes.done;
    }
    if (screen.isTerminal && !call.flag('no-qr')) {
      const code = qrCode(made.invite, screen.width, screen.paint);
      if (code === undefined) screen.note('The terminal is too narrow for the QR code.');
      else screen.write(code);
    }
    screen.line(made.invite);
    // Who pipes the invite somewhere wants nothing else of it.
    if (screen.isTerminal) tellLine(screen, text);
    screen.note(`Good for one node until ${moment(made.expires * 1000)}. Keep it secret until then.`);
    return exitCodes.done;
  },
};

function wayOf(call: Call) {
  return {
    way: call.flag('container') ? 'container' : 'service',
    fetcher: call.flag('wget') ? 'wget' : 'curl',
  } as const;
}

function tellLine(screen: Screen, { line, before, after }: InstallText): void {
  screen.note(`\nRun this on the machine${before === '' ? '' : `, ${before}`}:`);
  screen.line(line);
  screen.note(after === '' ? '' : `${after}\n`);
}

async function placeOf(
  call: Call,
  relays: () => Promise<readonly { id: string; name: string }[]>,
): Promise<Pick<InviteOrder & { host?: string; relay?: string }, 'host'> | { relay: string }> {
  const [host, relay] = [call.text('host'), call.text('relay')];
  if (relay === undefined) return host === undefined ? {} : { host };
  const found = (await relays()).filter(({ id, name }) => name === relay || id === relay);
  const [only] = found;
  if (only === undefined) throw new CommandError(`there is no relay ${harmlessLine(relay)}`);
  if (found.length > 1)
    throw new CommandError(`there are ${found.length} relays ${harmlessLine(relay)}; name one by its id`);
  return { relay: only.id };
}

const states = { open: 'green', spent: 'dim', expired: 'yellow', withdrawn: 'dim' } as const;

export const inviteList: Command = {
  name: 'invite list',
  what: 'every invite, and what became of it',
  async run(call) {
    call.operands();
    using connection = await call.connect();
    const [{ invites }, nodes] = await Promise.all([connection.client.invites(), connection.client.nodes()]);
    const { screen } = call;
    if (call.json) {
      screen.json(invites);
      return exitCodes.done;
    }
    const names = new Map(nodes.map(({ id, name }) => [id, name]));
    const rows = invites.map(({ id, label, state, expires, spentBy }): Cell[] => [
      { text: harmlessLine(label), style: 'bold' },
      { text: state, style: states[state] },
      { text: moment(expires * 1000) },
      { text: spentBy === null ? '' : harmlessLine(names.get(spentBy) ?? spentBy) },
      { text: id.slice(0, 12), style: 'dim' },
    ]);
    const columns = [
      { title: 'LABEL', shrinksTo: 8 },
      { title: 'STATE' },
      { title: 'UNTIL' },
      { title: 'SPENT BY', shrinksTo: 8 },
      { title: 'ID' },
    ];
    if (rows.length === 0) screen.note('There is no invite.');
    else screen.write(table(columns, rows, screen.width, screen.paint));
    return exitCodes.done;
  },
};

export const inviteWithdraw: Command = {
  name: 'invite withdraw',
  takes: 'INVITE',
  what: 'let nobody join with an invite any more',
  details: 'INVITE is its label, its id, or how the id begins.',
  async run(call) {
    const [name = ''] = call.operands('INVITE');
    using connection = await call.connect();
    const { invites } = await connection.client.invites();
    const { id, label } = findInvite(invites, name);
    await connection.client.withdrawInvite(id);
    if (call.json) call.screen.json({ id });
    else call.screen.note(`Withdrawn: ${harmlessLine(label)}.`);
    return exitCodes.done;
  },
};

/** Of several with one label, the one that is open. */
function findInvite(invites: readonly InviteView[], name: string): InviteView {
  const isPrefix = new RegExp(`^[0-9a-f]{${prefixLeast},64}$`).test(name);
  const labelled = invites.filter(({ label }) => label === name);
  const open = labelled.filter(({ state }) => state === 'open');
  const found = [open, labelled, invites.filter(({ id }) => isPrefix && id.startsWith(name))].find(
    (some) => some.length > 0,
  );
  const [only] = found ?? [];
  if (found === undefined || only === undefined) throw new CommandError(`there is no invite ${harmlessLine(name)}`);
  if (found.length > 1)
    throw new CommandError(
      `${harmlessLine(name)} are ${found.length} invites; name one by its id: sealcast invite list`,
    );
  return only;
}
