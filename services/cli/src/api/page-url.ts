import { UsageError } from '../command/failures.ts';
import { harmlessLine } from '../terminal/harmless.ts';

/** Where a master's page is, as somebody has written it; ends in a slash. Throws UsageError. */
export function pageUrl(text: string): URL {
  const url = URL.parse(text.endsWith('/') ? text : `${text}/`);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '' || url.username !== '')
    throw new UsageError(`${harmlessLine(text)} is no page; write e.g. https://sealcast.lan:8443`);
  return url;
}
