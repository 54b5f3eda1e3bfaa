/** What moves the cursor, colours what follows, or turns the text behind it: a node's name or a program's output may hold it. */
const unruly = /[^\P{Cc}\n\t]|[\p{Cf}\u2028\u2029]/gu;

/** Text of others, fit for a terminal. Line ends and tabs stay. */
export function harmless(text: string): string {
  return text.replace(unruly, '');
}

/** The same, in one line. */
export function harmlessLine(text: string): string {
  return harmless(text).replaceAll(/[\n\t]+/g, ' ');
}
