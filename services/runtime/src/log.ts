// One line of JSON for each thing that happened; on a terminal the same, laid out for people.
import { fstatSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';
import { oneLine } from './one-line.ts';
import { standardOutput, writeOut } from './standard-output.ts';
import { terminalLine } from './terminal-line.ts';

export type { Logger };

const leaveOut = ['*.password', '*.cookie', '*.authorization', '*.invite'];

/** `name` is the part that speaks, `level` one of pino's. */
export function createLog(name: string, level: string, destination: DestinationStream = standard()): Logger {
  const options = {
    level,
    base: { part: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: leaveOut, censor: '(left out)' },
  };
  return pino(options, { write: (line) => destination.write(oneLine(line)) });
}

function standard(): DestinationStream {
  if (!fstatSync(standardOutput).isCharacterDevice()) return { write: writeOut };
  return { write: (line) => writeOut(terminalLine(line)) };
}
