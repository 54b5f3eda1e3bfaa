// `mq_invite_code` is the invite's line, or the path of a file that holds it. It is a secret: no message shows it.
import { readFileSync } from 'node:fs';
import { type Invite, parseInvite } from '@sealcast/channel/invite';
import { EnvError, makeExactValidator } from 'envalid';

const instead =
  'paste the whole line that the master showed (it begins with sealcast1:), or write the path of a file that holds it';

export const invite = makeExactValidator<Invite>((text) => {
  const line = text.startsWith('sealcast1:') ? text : readLine(text);
  try {
    return parseInvite(line.trim());
  } catch {
    throw new EnvError(`is not an invite, or a damaged one; ${instead}`);
  }
});

function readLine(path: string): string {
  if (!path.includes('/')) throw new EnvError(`is not an invite; ${instead}`);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new EnvError(`names a file that can't be read; ${instead}`);
  }
}
