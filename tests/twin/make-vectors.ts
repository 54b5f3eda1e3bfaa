// Writes tests/vectors/*.json. `npm run vectors`; running it again gives the same bytes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { downKinds, upKinds } from './session.ts';
import { broadcastFile } from './vectors/broadcast.ts';
import { cborFile } from './vectors/cbor.ts';
import { confirmFile, welcomeFile } from './vectors/confirm.ts';
import type { VectorFile } from './vectors/file.ts';
import { helloFile } from './vectors/hello.ts';
import { hopFile } from './vectors/hop.ts';
import { inviteFile, z85File } from './vectors/invite.ts';
import { aadFile, keyScheduleFile, topicsFile } from './vectors/keys.ts';
import { offerFile, refusalFile } from './vectors/offer.ts';
import { otherFile } from './vectors/other.ts';
import { payloadsFile } from './vectors/payloads.ts';
import { rotationFile } from './vectors/rotation.ts';
import { allowanceFile, epochsFile, replayFile } from './vectors/sequences.ts';
import { sessionMessage } from './vectors/session-messages.ts';

/** Name of the file, without its end, to its text. */
export function makeVectors(): Map<string, string> {
  const files: [string, VectorFile][] = [
    ['cbor', cborFile()],
    ['payloads', payloadsFile()],
    ['key-schedule', keyScheduleFile()],
    ['topics', topicsFile()],
    ['aad', aadFile()],
    ['replay', replayFile()],
    ['allowance', allowanceFile()],
    ['hello', helloFile()],
    ['offer', offerFile()],
    ['confirm', confirmFile()],
    ['welcome', welcomeFile()],
    ['refusal', refusalFile()],
    ...[...upKinds, ...downKinds].map((kind): [string, VectorFile] => [kind.toLowerCase(), sessionMessage(kind)]),
    ['other', otherFile()],
    ['rotation', rotationFile()],
    ['broadcast', broadcastFile()],
    ['epochs', epochsFile()],
    ['invite', inviteFile()],
    ['hop', hopFile()],
    ['z85', z85File()],
  ];
  return new Map(files.map(([name, file]) => [name, `${write(file, '')}\n`]));
}

/** JSON with a line for each member, but lists and maps of a few short things on one. */
function write(value: unknown, indent: string): string {
  const short = JSON.stringify(value);
  if (value === null || typeof value !== 'object') return short;
  const nests = Object.values(value).some((inner) => inner !== null && typeof inner === 'object');
  if (short.length <= 100 || (Array.isArray(value) && !nests)) return short;
  const inner = `${indent}  `;
  const members = Array.isArray(value)
    ? value.map((item: unknown) => `${inner}${write(item, inner)}`)
    : Object.entries(value).map(([name, member]) => `${inner}${JSON.stringify(name)}: ${write(member, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${members.join(',\n')}\n${indent}${close}`;
}

if (import.meta.main) {
  const folder = join(import.meta.dirname, '..', 'vectors');
  for (const [name, text] of makeVectors()) writeFileSync(join(folder, `${name}.json`), text);
}
