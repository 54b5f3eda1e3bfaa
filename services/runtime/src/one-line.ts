/** What ends a line for some readers of it, turns the text behind it, or speaks to a terminal: JSON lets it stand as it is. */
const unruly = /[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g;

/** JSON in one line for every reader, and the same JSON. */
export function oneLine(json: string): string {
  return json.replace(unruly, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
