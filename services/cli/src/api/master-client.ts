// What the page asks of the master, for programs: signing in, nodes, commands, invites and live events.
import type { IncomingMessage } from 'node:http';
import { type Action, CommandView, type NodeView } from '@sealcast/master/fleet/views';
import type { Static, TSchema } from 'typebox';
import { parse, refused } from './answer.ts';
import { type LiveEvent, readEvents } from './events.ts';
import { bodyOf, type Master, open, type Question } from './request.ts';
import { CommandList, InviteList, MadeInvite, NodeList, Refusals, RelayList, Status, Who } from './views.ts';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Name, value, name, value … as they came. */
  rawHeaders: string[];
  body: string;
}

export interface CommandOrder {
  action: Action;
  targets: 'everyone' | string[];
  expiresInSeconds?: number;
}

export type InviteOrder = { label: string; hours?: number } & ({ host?: string } | { relay: string });

export class MasterClient {
  readonly master: Master;
  /** `name=value`; '' while nobody is signed in. */
  cookie: string;

  /** `base` ends in a slash; `trust` is PEM of an authority where it is text. */
  constructor(base: string | URL, trust: string | Master['trust'] = { type: 'system' }, cookie = '') {
    this.master = {
      base: new URL(base),
      trust: typeof trust === 'string' ? { type: 'authority', pem: trust } : trust,
    };
    this.cookie = cookie;
  }

  /** Any status is an answer; throws Unreachable where none comes. */
  async ask(path: string, question: Question = {}): Promise<Answer> {
    const response = await open(this.master, path, { cookie: this.cookie, ...question });
    const { statusCode: status = 0, headers, rawHeaders } = response;
    return { status, headers, rawHeaders, body: await bodyOf(response) };
  }

  /** Throws Refused where the answer is no success. */
  async get<S extends TSchema>(schema: S, path: string, signal?: AbortSignal): Promise<Static<S>> {
    return parse(schema, (await this.#done(path, { signal })).body);
  }

  async post<S extends TSchema>(schema: S, path: string, json: unknown): Promise<Static<S>> {
    return parse(schema, (await this.#done(path, { method: 'POST', json })).body);
  }

  async delete(path: string): Promise<void> {
    await this.#done(path, { method: 'DELETE' });
  }

  async signIn(name: string, password: string): Promise<void> {
    const { headers } = await this.#done('api/session', { method: 'POST', json: { name, password } });
    const cookie = headers['set-cookie']?.[0]?.split(';')[0];
    if (cookie === undefined) throw new Error('the master gave no session');
    this.cookie = cookie;
  }

  async signOut(): Promise<void> {
    await this.delete('api/session');
    this.cookie = '';
  }

  async who(): Promise<string> {
    return (await this.get(Who, 'api/session')).name;
  }

  async nodes(signal?: AbortSignal): Promise<NodeView[]> {
    return (await this.get(NodeList, 'api/nodes', signal)).nodes;
  }

  /** Null: it is called by its host name. */
  async renameNode(id: string, name: string | null): Promise<void> {
    await this.#done(`api/nodes/${id}/name`, { method: 'PUT', json: { name } });
  }

  async removeNode(id: string): Promise<void> {
    await this.delete(`api/nodes/${id}`);
  }

  async commands(): Promise<CommandView[]> {
    return (await this.get(CommandList, 'api/commands')).commands;
  }

  async order(order: CommandOrder): Promise<CommandView> {
    return await this.post(CommandView, 'api/commands', order);
  }

  async tell(text: string, targets: 'everyone' | string[] = 'everyone'): Promise<CommandView> {
    return await this.order({ action: { type: 'text', text }, targets });
  }

  async invites(): Promise<Static<typeof InviteList>> {
    return await this.get(InviteList, 'api/invites');
  }

  async makeInvite(order: InviteOrder): Promise<MadeInvite> {
    return await this.post(MadeInvite, 'api/invites', order);
  }

  async withdrawInvite(id: string): Promise<void> {
    await this.delete(`api/invites/${id}`);
  }

  async relays(): Promise<Static<typeof RelayList>> {
    return await this.get(RelayList, 'api/relays');
  }

  async status(): Promise<Static<typeof Status>> {
    return await this.get(Status, 'api/status');
  }

  async refusals(): Promise<Static<typeof Refusals>> {
    return await this.get(Refusals, 'api/refusals');
  }

  /** Resolves once the master listens to us, so that what happens from then on is in it. Ends with `signal`. */
  async events(signal: AbortSignal): Promise<AsyncGenerator<LiveEvent, void>> {
    const response = await open(this.master, 'api/events', { cookie: this.cookie, signal });
    if (response.statusCode !== 200) throw await refusal(response);
    return readEvents(response);
  }

  /** Waits until `enough` likes what is known of the nodes. */
  async untilNodes(enough: (nodes: NodeView[]) => boolean, signal: AbortSignal): Promise<NodeView[]> {
    const events = await this.events(signal);
    const known = new Map((await this.nodes(signal)).map((node) => [node.id, node]));
    if (enough([...known.values()])) return [...known.values()];
    for await (const event of events) {
      if (event.type === 'removed') known.delete(event.id);
      if (event.type === 'node') known.set(event.node.id, event.node);
      if (enough([...known.values()])) return [...known.values()];
    }
    throw new Error('the master ended its events');
  }

  /** Sends the order, tells of it as it goes, and gives it once nobody's receipt is open. */
  async carryOut(
    order: CommandOrder,
    signal: AbortSignal,
    told: (command: CommandView) => void = () => undefined,
  ): Promise<CommandView> {
    const events = await this.events(signal);
    let command = await this.order(order);
    told(command);
    while (command.receipts.some(({ outcome }) => outcome === 'waiting')) {
      const { value: event, done } = await events.next();
      if (done === true) throw new Error('the master ended its events');
      if (event.type !== 'command' || event.command.id !== command.id) continue;
      command = event.command;
      told(command);
    }
    await events.return();
    return command;
  }

  /** Sends `text` to everyone and waits until nobody's receipt is open. */
  async broadcast(text: string, signal: AbortSignal): Promise<CommandView> {
    return await this.carryOut({ action: { type: 'text', text }, targets: 'everyone' }, signal);
  }

  async #done(path: string, question: Question): Promise<Answer> {
    const answer = await this.ask(path, question);
    if (answer.status < 300) return answer;
    throw refused(answer.status, answer.body, answer.headers['retry-after']);
  }
}

async function refusal(response: IncomingMessage): Promise<Error> {
  return refused(response.statusCode ?? 0, await bodyOf(response), response.headers['retry-after']);
}
