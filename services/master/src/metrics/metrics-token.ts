// The token that a Prometheus server shows, as init or the operator wrote it.
import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { StartError } from '@sealcast/runtime/run';

const tokenForm = /^[A-Za-z0-9._~+/-]{32,256}=*$/;
const credentials = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i;

/** Whether an Authorization header shows the token. */
export type ShowsToken = (authorization: string | undefined) => boolean;

/** Undefined where there is no file: nobody reads metrics then. Throws StartError where others can read it, or where it holds no token. */
export function readMetricsToken(file: string): ShowsToken | undefined {
  const found = statSync(file, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  if ((found.mode & 0o077) !== 0)
    throw new StartError(`${file}: others can read it; chmod 600, or run init, which mends it`);
  const token = readFileSync(file, 'latin1').replace(/\r?\n$/, '');
  if (!tokenForm.test(token))
    throw new StartError(`${file}: holds no token of 32 to 256 characters; delete it, and run init, which makes one`);
  return tokenCheck(token);
}

/** Takes the same time, whatever is shown. */
export function tokenCheck(token: string): ShowsToken {
  const expected = digest(token);
  return (authorization) => timingSafeEqual(digest(credentials.exec(authorization ?? '')?.[1] ?? ''), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
