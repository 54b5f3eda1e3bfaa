import { readFileSync } from 'node:fs';
import { Refused } from '../api/answer.ts';
import { MasterClient } from '../api/master-client.ts';
import { pageUrl } from '../api/page-url.ts';
import { Unreachable } from '../api/request.ts';
import type { Command } from '../command/command.ts';
import { CommandError, exitCodes, NotSignedIn, UsageError } from '../command/failures.ts';
import { clientOf } from '../session/connect.ts';
import { forgetSession, keepSession, readSession, sessionFile } from '../session/kept.ts';
import { readSecret } from '../terminal/ask.ts';
import { fileFault } from '../terminal/file-fault.ts';
import { harmlessLine } from '../terminal/harmless.ts';

const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

export const signIn: Command = {
  name: 'sign-in',
  takes: 'URL',
  what: "sign in at a master's page, for the commands after it",
  details: `URL is the page's, e.g. https://sealcast.lan:8443. The session is kept in a file that only you can read, until sealcast sign-out, or
until it was not used for twelve hours. Beside the master, as its own user, nobody has to sign in.`,
  options: {
    ca: { type: 'string', value: 'FILE', what: "the authority of the master's certificate, e.g. init's tls-ca.crt" },
    name: { type: 'string', value: 'NAME', what: 'whose account (admin)' },
    'password-file': { type: 'string', value: 'FILE', what: 'where the password is, in one line; - is standard input' },
  },
  asks: 'session',
  async run(call) {
    const [text = ''] = call.operands('URL');
    const url = safePage(text);
    const ca = call.text('ca');
    const authority = ca === undefined ? null : authorityIn(ca);
    const name = call.text('name') ?? 'admin';
    const client = new MasterClient(url, authority ?? { type: 'system' });
    // Before anybody types a password for whom it does not reach.
    await checkIsMaster(client);
    const from = call.text('password-file');
    const password = await readSecret(call.screen, { message: `Password of ${name}`, from, option: '--password-file' });
    await client.signIn(name, password).catch((cause: unknown) => {
      throw cause instanceof Refused && cause.status === 401 ? new NotSignedIn(cause.message, { cause }) : cause;
    });
    const named = call.text('session');
    const file = sessionFile(call.env, named);
    keepSession(file, { url: url.href, authority, cookie: client.cookie }, named !== undefined);
    if (call.json) call.screen.json({ url: url.href, name });
    else call.screen.note(`Signed in as ${harmlessLine(name)} at ${url.href}`);
    return exitCodes.done;
  },
};

export const signOut: Command = {
  name: 'sign-out',
  what: 'end that session',
  asks: 'session',
  async run(call) {
    call.operands();
    const file = sessionFile(call.env, call.text('session'));
    const session = readSession(file);
    if (session === undefined) {
      call.screen.note('Nobody is signed in.');
      return exitCodes.done;
    }
    await clientOf(session)
      .signOut()
      .catch((error: unknown) => {
        if (!(error instanceof Refused && error.status === 401)) throw error;
      });
    forgetSession(file);
    call.screen.note('Signed out.');
    return exitCodes.done;
  },
};

/** PEM. */
function authorityIn(file: string): string {
  const pem = textIn(file);
  if (!pem.includes('-----BEGIN CERTIFICATE-----'))
    throw new CommandError(`--ca: ${file} holds no certificate in PEM form`);
  return pem;
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CommandError(fileFault(`--ca: ${file}`, 'read', cause), { cause });
  }
}

async function checkIsMaster(client: MasterClient): Promise<void> {
  const { base } = client.master;
  const { status, headers } = await client.ask('api/health');
  const { protocol } = URL.parse(headers.location ?? '', base) ?? base;
  if (status >= 300 && status < 400 && protocol !== base.protocol)
    throw new UsageError(
      `what answers at ${base.href} wants ${protocol}//; write ${protocol}//${base.host}${base.pathname}`,
    );
  if (status !== 200) throw new Unreachable(`what answers at ${base.href} is no master's page (status ${status})`);
}

/** The password must not cross a network in the clear. */
function safePage(text: string): URL {
  const url = pageUrl(text);
  if (url.protocol === 'http:' && !loopback.test(url.hostname))
    throw new UsageError('over http:// everybody on the way reads the password; write https://');
  return url;
}
