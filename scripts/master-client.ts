// What the page asks of the master, for programs: signing in, nodes, commands and live events.
import { request as plainRequest, type IncomingMessage } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { CommandView, NodeView } from '@sealcast/master/fleet/views';
import { Type, type Static, type TSchema } from 'typebox';
import { Check } from 'typebox/value';

export type LiveEvent = { type: 'node'; node: NodeView } | { type: 'command'; command: CommandView };

const NodeList = Type.Object({ time: Type.Integer(), nodes: Type.Array(NodeView) });

const Invited = Type.Object({
  id: Type.String(),
  invite: Type.String(),
  install: Type.Union([Type.String(), Type.Null()]),
});

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  /** Name, value, name, value … as they came. */
  rawHeaders: string[];
  body: string;
}

interface Question {
  method?: string;
  json?: unknown;
  authorization?: string;
  signal?: AbortSignal | undefined;
}

export class MasterClient {
  readonly #base: URL;
  readonly #authority: string | undefined;
  #cookie = '';

  /** `base` ends in a slash; `authority` is the certificate, PEM, that a master under TLS is verified against. */
  constructor(base: string, authority?: string) {
    this.#base = new URL(base);
    this.#authority = authority;
  }

  async #open(path: string, { method = 'GET', json, authorization, signal }: Question): Promise<IncomingMessage> {
    const body = json === undefined ? undefined : JSON.stringify(json);
    const tls = this.#base.protocol === 'https:';
    return await new Promise((resolve, reject) => {
      const request = (tls ? tlsRequest : plainRequest)(
        new URL(path, this.#base),
        {
          method,
          agent: false,
          headers: {
            ...(this.#cookie === '' ? {} : { cookie: this.#cookie }),
            ...(authorization === undefined ? {} : { authorization }),
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          },
          ...(signal === undefined ? {} : { signal }),
          ...(this.#authority === undefined ? {} : { ca: this.#authority }),
        },
        resolve,
      );
      request.once('error', reject);
      request.end(body);
    });
  }

  /** Any status is an answer; throws only where none comes. */
  async ask(path: string, question: Question = {}): Promise<Answer> {
    const response = await this.#open(path, question);
    let body = '';
    for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
    const { statusCode: status = 0, headers, rawHeaders } = response;
    return { status, headers, rawHeaders, body };
  }

  async #json<S extends TSchema>(schema: S, path: string, question: Question = {}): Promise<Static<S>> {
    const { status, body } = await this.ask(path, question);
    if (status >= 300) throw new Error(`${question.method ?? 'GET'} ${path}: ${status} ${body}`);
    return parse(schema, body);
  }

  async signIn(name: string, password: string): Promise<void> {
    const { status, headers, body } = await this.ask('api/session', { method: 'POST', json: { name, password } });
    const cookie = headers['set-cookie']?.[0]?.split(';')[0];
    if (status !== 204 || cookie === undefined) throw new Error(`signing in as ${name}: ${status} ${body}`);
    this.#cookie = cookie;
  }

  async nodes(signal?: AbortSignal): Promise<NodeView[]> {
    return (await this.#json(NodeList, 'api/nodes', { signal })).nodes;
  }

  /** An invite for a machine that reaches the master at `host`. */
  async invite(label: string, host: string): Promise<Static<typeof Invited>> {
    return await this.#json(Invited, 'api/invites', { method: 'POST', json: { label, host } });
  }

  async tell(text: string, targets: 'everyone' | string[] = 'everyone'): Promise<CommandView> {
    const json = { action: { type: 'text', text }, targets };
    return await this.#json(CommandView, 'api/commands', { method: 'POST', json });
  }

  /** Resolves once the master listens to us, so that what happens from then on is in it. Ends with `signal`. */
  async events(signal: AbortSignal): Promise<AsyncGenerator<LiveEvent, void>> {
    const response = await this.#open('api/events', { signal });
    if (response.statusCode !== 200) throw new Error(`GET api/events: ${response.statusCode}`);
    return readEvents(response);
  }

  /** Waits until `enough` likes what is known of the nodes. */
  async untilNodes(enough: (nodes: NodeView[]) => boolean, signal: AbortSignal): Promise<NodeView[]> {
    const events = await this.events(signal);
    const known = new Map((await this.nodes(signal)).map((node) => [node.id, node]));
    if (enough([...known.values()])) return [...known.values()];
    for await (const event of events) {
      if (event.type !== 'node') continue;
      known.set(event.node.id, event.node);
      if (enough([...known.values()])) return [...known.values()];
    }
    throw new Error('the master ended its events');
  }

  /** Sends `text` to everyone and waits until nobody's receipt is open. */
  async broadcast(text: string, signal: AbortSignal): Promise<CommandView> {
    const events = await this.events(signal);
    let command = await this.tell(text);
    while (command.receipts.some(({ outcome }) => outcome === 'waiting')) {
      const { value: event, done } = await events.next();
      if (done === true) throw new Error('the master ended its events');
      if (event.type === 'command' && event.command.id === command.id) command = event.command;
    }
    await events.return();
    return command;
  }
}

function parse<S extends TSchema>(schema: S, text: string): Static<S> {
  const value: unknown = JSON.parse(text);
  if (!Check(schema, value)) throw new Error(`the master answered with what its schema does not allow: ${text}`);
  return value;
}

async function* readEvents(response: IncomingMessage): AsyncGenerator<LiveEvent, void> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const blocks = (rest + String(chunk)).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const type = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data === undefined) continue;
      if (type === 'node') yield { type, node: parse(NodeView, data) };
      if (type === 'command') yield { type, command: parse(CommandView, data) };
    }
  }
}
