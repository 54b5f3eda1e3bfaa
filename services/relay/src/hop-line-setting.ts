// `mq_upstream` is the line of the hop above, or the path of a file that holds it; `mq_relays` is one or more of those of relays below.
import { readFileSync } from 'node:fs';
import { type Hop, parseHop } from '@sealcast/channel/hop-line';
import { EnvError, makeExactValidator } from 'envalid';

const instead = 'paste the whole line (it begins with sealcast-hop1:), or write the path of a file that holds it';

export const hopLine = makeExactValidator<Hop>((text) => {
  const [hop, ...others] = hopsIn(text);
  if (hop === undefined || others.length > 0) throw new EnvError(`does not hold one line; ${instead}`);
  return hop;
});

/** Between commas or on lines of their own. */
export const hopLines = makeExactValidator<Hop[]>(hopsIn);

function hopsIn(text: string): Hop[] {
  const lines = text.startsWith('sealcast-hop1:') ? text : read(text);
  return lines
    .split(/[\s,]+/)
    .filter((line) => line !== '')
    .map(parse);
}

function parse(line: string): Hop {
  try {
    return parseHop(line);
  } catch {
    throw new EnvError(`is not the line of a hop, or a damaged one; ${instead}`);
  }
}

function read(path: string): string {
  if (!path.includes('/')) throw new EnvError(`is not the line of a hop; ${instead}`);
  try {
    return readFileSync(path, 'utf8');
  } catch {
    throw new EnvError(`names a file that can't be read; ${instead}`);
  }
}
