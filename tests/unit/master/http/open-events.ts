/** A page that listens: the blocks of the stream, one at a time. */
export async function openEvents(port: number, headers: { cookie: string }) {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/events`, { headers, signal: abort.signal });
  if (response.body === null) throw new Error('no stream came');
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';

  /** The next block without its empty line; undefined where the stream ended. */
  async function next(): Promise<string | undefined> {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end !== -1) {
        const block = text.slice(0, end);
        text = text.slice(end + 2);
        return block;
      }
      const { done, value } = await reader.read();
      if (done) return undefined;
      text += value;
    }
  }

  return {
    response,
    next,
    /** The next event, comments passed over. */
    async event(): Promise<{ name: string; data: unknown } | undefined> {
      for (;;) {
        const block = await next();
        if (block === undefined) return undefined;
        const [name, data, ...more] = block.split('\n');
        if (name?.startsWith(':')) continue;
        if (!name?.startsWith('event: ') || !data?.startsWith('data: ') || more.length > 0)
          throw new Error(`not an event: ${block}`);
        return { name: name.slice(7), data: JSON.parse(data.slice(6)) };
      }
    },
    /** Reads to the end of the stream; true when it has come. */
    async ended(): Promise<true> {
      while ((await next()) !== undefined);
      return true;
    },
    [Symbol.dispose](): void {
      abort.abort();
    },
  };
}
