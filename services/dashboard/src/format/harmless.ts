/** What changes how the text around it reads, or is not seen at all: marks of direction, joiners, variation selectors. */
const unseen = /[\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\u{e0000}-\u{e007f}]/gu;

function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code === 0x7f) return '\u2421';
  // Those above U+007F have no pictures of their own.
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : named(control);
}

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return `⟨U+${code.toString(16).toUpperCase().padStart(4, '0')}⟩`;
}

/**
 * A text that somebody else wrote, so that it can be read and does nothing else: control characters but line ends and
 * tabs as pictures, and marks that turn or hide text by name.
 */
export function harmless(text: string): string {
  return text
    .replaceAll(/\r\n/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, picture)
    .replaceAll(unseen, named);
}

/** The same where there is one line only. */
export function harmlessLine(text: string): string {
  return harmless(text).replaceAll(/[\n\t]/g, picture);
}

/** Where line ends mean something: these are made harmless where they are shown. */
const texts = new Set(['text', 'output']);

/**
 * For JSON.parse, on what the master tells. Names, labels and what machines say of themselves were written by others, and stand in
 * the middle of the page's own sentences: from here on nothing in them turns or hides what is around it.
 */
export function harmlessValue(key: string, value: unknown): unknown {
  return typeof value === 'string' && !texts.has(key) ? harmlessLine(value) : value;
}
