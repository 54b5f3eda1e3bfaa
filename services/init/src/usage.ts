import { settingsInWords } from './settings.ts';

export function usage(): string {
  const settings = settingsInWords();
  const nameWidth = Math.max(...settings.map(({ name }) => name.length)) + 2;
  const lines = settings.map(({ name, desc, fallback }) => {
    const unset = fallback === '' ? '' : ` (${fallback})`;
    return `  ${name.padEnd(nameWidth)}${desc}${unset}`;
  });
  return `Usage: init [certificate | curve | rotate | --help]

Makes what Sealcast needs before its first start: the master's keys, a certificate for the web
server, the first account and the first invites. What is there already is checked and never
overwritten, so init can run before every start. To have something made anew, delete it.

  init certificate
               takes a certificate chain and its key for the page from standard input (PEM),
               they take the place of those that are there
  init curve   prints a new CURVE pair in Z85, as curve_keygen does, and writes nothing
  init rotate  makes a new join key (RSA); the one before is taken until somebody deletes it

Exit code: 0 if everything is in order, 1 if not; in that case nothing was changed.

Settings are environment variables; in brackets what they are if not set:

${lines.join('\n')}
`;
}
