// One line of JSON for each thing that happened; on a terminal the same, laid out for people.
import { pino, type DestinationStream, type Logger } from 'pino';

export type { Logger };

const leaveOut = ['*.password', '*.cookie', '*.authorization', '*.code', '*.invite'];

/** `name` is the part that speaks, `level` one of pino's. */
export async function createLog(name: string, level: string, destination?: DestinationStream): Promise<Logger> {
  const options = {
    level,
    base: { part: name },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    redact: { paths: leaveOut, censor: '(left out)' },
  };
  if (destination !== undefined) return pino(options, destination);
  if (!process.stdout.isTTY) return pino(options, pino.destination({ fd: 1, sync: true }));
  const { default: pretty } = await import('pino-pretty');
  return pino(
    options,
    pretty({ sync: true, ignore: 'part,pid', translateTime: 'SYS:HH:MM:ss', messageFormat: '{part}: {msg}' }),
  );
}
