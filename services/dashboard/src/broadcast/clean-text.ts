/** A text as the protocol takes it: line ends and tabs may stand in it, no other control character, no half characters. */
export function cleanText(written: string): string {
  return written
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, '')
    .trim();
}
