// Text as the protocol's `name`, `line` and `path` take it. What a machine says of itself comes from firmware, disks and
// USB sticks: anything may stand in it.

const nameBytes = 64;
const lineBytes = 256;
const pathBytes = 256;

const control = /\p{Cc}+/gu;

export function cleanName(text: string): string {
  return cut(spaced(text), nameBytes) || 'unknown';
}

export function cleanLine(text: string): string {
  return cut(spaced(text), lineBytes);
}

/** White space inside a path stays as it is. */
export function cleanPath(text: string): string {
  return cut(text.toWellFormed().replace(control, ''), pathBytes) || 'unknown';
}

function spaced(text: string): string {
  return text.toWellFormed().replace(control, ' ').replace(/ {2,}/g, ' ').trim();
}

function cut(text: string, maxBytes: number): string {
  if (Buffer.byteLength(text) <= maxBytes) return text;
  let bytes = 0;
  let end = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    end += character.length;
  }
  return text.slice(0, end).trimEnd();
}
