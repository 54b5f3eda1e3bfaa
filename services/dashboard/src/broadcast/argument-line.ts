// The most that PROTOCOL.md lets an order of `run` hold; text in bytes of UTF-8.
const argumentsMax = 32;
const lineMaxBytes = 256;

const encoder = new TextEncoder();

function size(text: string): number {
  return encoder.encode(text).length;
}

function isPrintable(text: string): boolean {
  return text.isWellFormed() && !/\p{Cc}/u.test(text);
}

/**
 * One line as the arguments of a program: split at spaces, but not inside '…' or "…". Nothing else has a meaning, since
 * no shell sees it. Null where a quote is not closed.
 */
export function splitArguments(line: string): string[] | null {
  const found: string[] = [];
  let word: string | undefined;
  let quote: string | undefined;
  for (const character of line) {
    if (quote !== undefined) {
      if (character === quote) quote = undefined;
      else word += character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) found.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  if (quote !== undefined) return null;
  if (word !== undefined) found.push(word);
  return found;
}

/** What keeps a program from being ordered so, or null. */
export function programFault(program: string, line: string): string | null {
  if (program === '') return 'Name the program to run.';
  if (!program.startsWith('/')) return 'Name the program with its whole path, from /.';
  if (size(program) > lineMaxBytes) return `The path is too long: ${size(program)} of ${lineMaxBytes} bytes.`;
  const given = splitArguments(line);
  if (given === null) return 'A quote is not closed.';
  if (given.length > argumentsMax) return `There are ${given.length} arguments; a node takes ${argumentsMax}.`;
  const long = given.findIndex((each) => size(each) > lineMaxBytes);
  if (long >= 0) return `Argument ${long + 1} is longer than ${lineMaxBytes} bytes.`;
  return [program, ...given].every(isPrintable) ? null : 'A control character stands in it.';
}
