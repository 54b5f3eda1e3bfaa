// --help, of everything and of one command.
import type { Command, Option } from './command.ts';

const everywhere = {
  json: { type: 'boolean', what: 'for programs: JSON' },
  help: { type: 'boolean', what: 'this' },
} as const satisfies Record<string, Option>;
const ofSession = {
  session: { type: 'string', value: 'FILE', what: 'the file of a session, in the place of your own' },
} as const satisfies Record<string, Option>;
const ofMaster = {
  local: { type: 'boolean', what: 'the master of this machine, whatever session is kept' },
  ...ofSession,
} as const satisfies Record<string, Option>;

export function optionsOf({ options = {}, asks = 'master' }: Command): Readonly<Record<string, Option>> {
  const more = { master: ofMaster, session: ofSession, nobody: {} }[asks];
  return { ...options, ...more, ...everywhere };
}

export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, takes = '', what }) => [`${name} ${takes}`.trim(), what] as const);
  return `Usage: sealcast COMMAND [OPTION]…

${columns(rows)}

For each command:

${columns(optionRows(everywhere))}

For those that ask a master:

${columns(optionRows(ofMaster))}

Beside the master, as its own user, nobody has to sign in: docker compose exec master sealcast status
Elsewhere: sealcast sign-in https://HOST:8443 --ca tls-ca.crt

Exit code: 0 done, 1 failed, 2 wrong usage, 3 the master can't be reached or does not let you in, 4 done by some of the nodes alone.
`;
}

export function helpOf(command: Command): string {
  const { name, takes = '', what, details = '' } = command;
  const head = `Usage: sealcast ${`${name} ${takes}`.trim()} [OPTION]…\n\n${what[0]?.toUpperCase()}${what.slice(1)}.\n`;
  const more = details === '' ? '' : `${details}\n`;
  return `${head}${more}\n${columns(optionRows(optionsOf(command)))}\n`;
}

function optionRows(options: Readonly<Record<string, Option>>): (readonly [string, string])[] {
  return Object.entries(options).map(([name, { value, what }]) => [
    `--${name}${value === undefined ? '' : ` ${value}`}`,
    what,
  ]);
}

function columns(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, right]) => `  ${left.padEnd(width)}${right}`).join('\n');
}
