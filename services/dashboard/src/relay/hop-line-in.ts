/** The hop line in what was pasted, which may be a whole line of a log or of a settings file; else what was pasted. */
export function hopLineIn(pasted: string): string {
  return /sealcast-hop1:[\w-]+/.exec(pasted)?.[0] ?? pasted.trim();
}
