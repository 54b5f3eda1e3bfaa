// What may stand in a line of the chat.

/** Also of a guest's own folder. */
export function isName(text: string): boolean {
  return /^[\p{L}\p{N}_-]{1,24}$/u.test(text);
}

/** One line, without what moves a cursor or turns the direction of writing on somebody's terminal. */
export function plain(words: string): string {
  const line = words.replaceAll(/[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu, ' ');
  return line.slice(0, 1000).toWellFormed().trim();
}
