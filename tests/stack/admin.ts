// A person at the HTTP API, signed in.
import { type Answer, MasterClient } from '@sealcast/cli/api/master-client';
import type { CommandView, NodeView } from '@sealcast/master/fleet/views';

export class Admin {
  readonly #client: MasterClient;

  private constructor(client: MasterClient) {
    this.#client = client;
  }

  static async signIn(url: string, name: string, password: string): Promise<Admin> {
    const client = new MasterClient(`${url}/`);
    await client.signIn(name, password);
    return new Admin(client);
  }

  /** The line of a request that is written by hand. */
  get cookieHeader(): string {
    return `Cookie: ${this.#client.cookie}`;
  }

  async get<T>(path: string): Promise<T> {
    return json(await this.#client.ask(`api/${path}`)) as T;
  }

  async post<T>(path: string, body: unknown): Promise<T> {
    return json(await this.#client.ask(`api/${path}`, { method: 'POST', json: body })) as T;
  }

  async delete(path: string): Promise<void> {
    const { status, body } = await this.#client.ask(`api/${path}`, { method: 'DELETE' });
    if (status !== 204) throw new Error(`${status} ${body}`);
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
      const events = await this.#client.events(aborter.signal);
      for (;;) {
        const found = await look();
        if (found !== undefined) return found;
        if ((await events.next()).done === true) throw new Error('the event stream ended');
      }
    } catch (error) {
      throw aborter.signal.aborted ? aborter.signal.reason : error;
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
}

function json({ status, body }: Answer): unknown {
  if (status >= 300) throw new Error(`${status} ${body}`);
  return JSON.parse(body);
}
