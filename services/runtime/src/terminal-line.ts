// A log line for people: 14:03:59 WARN node: the link to the master is lost  reason="no answer". pino-pretty does this too, for
// the price of 1.4 MB in every node.
import { stripVTControlCharacters, styleText } from 'node:util';
import { oneLine } from './one-line.ts';

const colours = { debug: 'dim', info: 'green', warn: 'yellow', error: 'red', fatal: 'red' } as const;
const clockAt = [11, 19] as const;

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** `json` is a line of pino's as log.ts sets it up; what is none comes back as it is. */
export function terminalLine(json: string): string {
  const line: unknown = JSON.parse(json);
  if (!isRecord(line)) return json;
  const { level, time, part, msg, err, ...rest } = line;
  const label = String(level);
  const colour = Object.entries(colours).find(([name]) => name === label)?.[1] ?? 'reset';
  const details = Object.entries(rest).map(([key, value]) => `${key}=${oneLine(JSON.stringify(value))}`);
  const head = `${String(time).slice(...clockAt)} ${styleText(colour, label.toUpperCase().padEnd(5))} ${String(part)}: ${printable(msg)}`;
  const stack = isRecord(err) ? `\n${printable(err['stack'])}` : '';
  return `${[head, ...details.map((detail) => styleText('dim', detail))].join('  ')}${stack}\n`;
}

// What a peer wrote can stand in a message, and must not move the cursor.
function printable(text: unknown): string {
  return stripVTControlCharacters(String(text)).replaceAll(/[^\P{Cc}\n\t]/gu, '');
}
