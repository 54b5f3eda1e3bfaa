// One line of JSON for each thing that happened; on a terminal the same, laid out for people.
import { fstatSync } from 'node:fs';
import { pino, type DestinationStream, type Logger } from 'pino';
import { terminalLine } from './terminal-line.ts';

export type { Logger };

const leaveOut = ['*.password', '*.cookie', '*.authorization', '*.invite'];
const standardOutput = 1;

/** `name` is the part that speaks, `level` one of pino's. */
export function createLog(name: string, level: string, destination: DestinationStream = standard()): Logger {
  const options = {
    level,
    base: { part: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: leaveOut, censor: '(left out)' },
  };
  return pino(options, destination);
}

function standard(): DestinationStream {
  const out = pino.destination({ dest: standardOutput, sync: true });
  // process.stdout would say the same, and load the network to do so: two megabytes of a node's memory.
  if (!fstatSync(standardOutput).isCharacterDevice()) return out;
  return { write: (line: string) => out.write(terminalLine(line)) };
}
