// What stopped init, for people: every fault at once.
import type { Fault } from './findings.ts';
import { width, type Paint } from './table.ts';
import { wrap } from './wrap.ts';

const indent = '    ';

export function faultsText(faults: readonly Fault[], paint: Paint): string {
  const lines = faults.flatMap(({ where, problem, remedy }) => [
    '',
    `  ${paint('bold', where)}`,
    ...wrap(problem, width - indent.length).map((line) => indent + line),
    ...wrap(remedy, width - indent.length).map((line) => indent + line),
  ]);
  return `${paint('red', `init stopped and changed nothing: ${count(faults.length)}.`)}\n${lines.join('\n')}\n`;
}

/** `message` holds one line a wrong setting. */
export function settingsText(message: string, paint: Paint): string {
  const lines = message.split('\n');
  const list = lines.flatMap((line) => ['', ...wrap(line, width - indent.length).map((part) => `  ${part}`)]);
  return `${paint('red', `init stopped and changed nothing: ${count(lines.length)} in the settings.`)}\n${list.join('\n')}\n`;
}

/** What nobody foresaw: a full disk, a file system that lacks something. */
export function failureText(error: unknown, paint: Paint): string {
  const message = error instanceof Error ? error.message : String(error);
  return `${paint('red', 'init failed:')} ${message}\nWhat is written is whole. Mend the cause, and run init again.\n`;
}

function count(faults: number): string {
  return faults === 1 ? '1 fault' : `${faults} faults`;
}
