// A person at the HTTP API, signed in.
import type { CommandView, NodeView } from '@sealcast/master/fleet/views';

export class Admin {
  readonly #url: string;
  readonly #cookie: string;

  private constructor(url: string, cookie: string) {
    this.#url = url;
    this.#cookie = cookie;
  }

  static async signIn(url: string, name: string, password: string): Promise<Admin> {
    const response = await fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ name, password }),
    });
    if (response.status !== 204) throw new Error(`signing in: ${response.status} ${await response.text()}`);
    return new Admin(url, response.headers.getSetCookie()[0]?.split(';')[0] ?? '');
  }

  /** The line of a request that is written by hand. */
  get cookieHeader(): string {
    return `Cookie: ${this.#cookie}`;
  }

  async get<T>(path: string): Promise<T> {
    return await this.#json<T>(await fetch(`${this.#url}/api/${path}`, { headers: { cookie: this.#cookie } }));
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    const headers = { cookie: this.#cookie, 'content-type': 'application/json' };
    return await this.#json<T>(
      await fetch(`${this.#url}/api/${path}`, { method: 'POST', headers, body: JSON.stringify(body) }),
    );
  }

  async delete(path: string): Promise<void> {
    const response = await fetch(`${this.#url}/api/${path}`, { method: 'DELETE', headers: { cookie: this.#cookie } });
    if (response.status !== 204) throw new Error(`${response.status} ${await response.text()}`);
  }

  async nodes(): Promise<NodeView[]> {
    return (await this.get<{ nodes: NodeView[] }>('nodes')).nodes;
  }

  async commands(): Promise<CommandView[]> {
    return (await this.get<{ commands: CommandView[] }>('commands')).commands;
  }

  async refusals(): Promise<Record<string, number>> {
    return (await this.get<{ counts: Record<string, number> }>('refusals')).counts;
  }

  broadcast(text: string, targets: 'everyone' | string[] = 'everyone'): Promise<CommandView> {
    return this.post<CommandView>('commands', { action: { type: 'text', text }, targets });
  }

  /** Opens the event stream, looks with `look`, and looks again after each event, until something is found. */
  async watch<T>(look: () => Promise<T | undefined>, timeoutMs = 30_000): Promise<T> {
    const aborter = new AbortController();
    const timer = setTimeout(() => aborter.abort(new Error(`not seen in ${timeoutMs} ms`)), timeoutMs);
    try {
      const { body } = await fetch(`${this.#url}/api/events`, {
        headers: { cookie: this.#cookie },
        signal: aborter.signal,
      });
      if (body === null) throw new Error('the event stream has no body');
      for await (const _ of body) {
        const found = await look();
        if (found !== undefined) return found;
      }
      throw new Error('the event stream ended');
    } finally {
      clearTimeout(timer);
      aborter.abort();
    }
  }

  /** The nodes, as soon as `holds` of them. */
  nodesWhen(holds: (nodes: NodeView[]) => boolean, timeoutMs?: number): Promise<NodeView[]> {
    return this.watch(async () => {
      const nodes = await this.nodes();
      return holds(nodes) ? nodes : undefined;
    }, timeoutMs);
  }

  /** The command, as soon as every node that it went to has confirmed it as done. */
  confirmed(id: string, timeoutMs?: number): Promise<CommandView> {
    return this.watch(async () => {
      const command = (await this.commands()).find((one) => one.id === id);
      return command?.receipts.every(({ outcome }) => outcome === 'done') ? command : undefined;
    }, timeoutMs);
  }

  async #json<T>(response: Response): Promise<T> {
    const body: unknown = await response.json();
    if (!response.ok) throw new Error(`${response.status} ${JSON.stringify(body)}`);
    return body as T;
  }
}
