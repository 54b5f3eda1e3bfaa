// Who may connect at all: ZAP 1.0 (ZeroMQ RFC 27). It is bound before any server socket, and answers nothing but 200 and 400.
import { setTimeout } from 'node:timers/promises';
import { zapTimeoutMs } from '@sealcast/channel/constants';
import { plainHopKey } from '@sealcast/channel/hop-key';
import type { Mechanism } from '@sealcast/channel/payloads';
import { type Context, Router } from 'zeromq';
import type { Admits, Verdict } from './admission.ts';
import { plainUser, type ZapDomain } from './mechanism.ts';
import { SendLoop } from './send-loop.ts';

const endpoint = 'inproc://zeromq.zap.01';
const credentialFrames: Readonly<Record<Mechanism, number>> = { curve: 1, plain: 2, null: 0 };
const hexSecret = /^[0-9a-f]{64}$/;

/** A connection that waits for its answer. */
export interface Visitor {
  /** Where it really comes from. */
  readonly address: string;
  /** Of the port that it came to. */
  readonly domain: ZapDomain;
  admitted(hopKey: Uint8Array | undefined, verdict: Exclude<Verdict, false>): void;
  denied(): void;
}

export interface ZapOptions {
  context: Context;
  mechanism: Mechanism;
  /** The live connection that libzmq sees coming from `source`; who is none is not let in. */
  visitor: (source: string) => Visitor | undefined;
  admits: Admits;
  failed: (error: unknown) => void;
}

interface Question {
  domain: ZapDomain;
  source: string;
  /** None where a domain takes all credentials and these name none. */
  hopKey: Uint8Array | undefined;
}

interface Pending {
  question: Question;
  isDropped: boolean;
}

// RFC 27 has a handler answer by a REP or a ROUTER. A REP answers one after another, and a slow answer would keep all others
// waiting; nobody outside this process reaches its identities.
export class ZapHandler {
  readonly #socket: Router;
  readonly #loop: SendLoop;
  readonly #options: ZapOptions;
  /** libzmq asks once about a connection; other questions from its address are about somebody else's. */
  readonly #judged = new WeakSet<Visitor>();
  /** Questions that somebody thinks about. */
  readonly #pending = new Set<Pending>();
  #answering: Promise<void> | undefined;

  constructor(options: ZapOptions) {
    this.#options = options;
    this.#socket = new Router({ context: options.context, linger: 0 });
    this.#loop = new SendLoop(this.#socket, options.failed);
  }

  async start(): Promise<void> {
    await this.#socket.bind(endpoint);
    this.#answering = this.#answer();
  }

  async stop(): Promise<void> {
    this.#socket.close();
    await this.#answering;
  }

  /** What was asked about this hop key, in hexadecimal, and is not answered yet, is answered with no: a yes may be under way. */
  drop(hopKey: string): void {
    const dropped = Buffer.from(hopKey, 'hex');
    for (const pending of this.#pending) {
      const { domain, hopKey: asked } = pending.question;
      if (domain === 'data' && asked !== undefined && dropped.equals(asked)) pending.isDropped = true;
    }
  }

  async #answer(): Promise<void> {
    for await (const [identity, delimiter, ...request] of this.#socket) {
      if (identity === undefined || delimiter?.length !== 0) continue;
      void this.#reply(identity, delimiter, request);
    }
  }

  async #reply(identity: Buffer, delimiter: Buffer, request: Buffer[]): Promise<void> {
    const status = (await this.#judge(request)) ? ['200', 'OK'] : ['400', 'No'];
    const [version, requestId] = request;
    const reply = [version ?? '1.0', requestId ?? '', ...status, '', ''].map((part) => Buffer.from(part));
    this.#loop.send(identity, delimiter, ...reply);
  }

  async #judge(request: Buffer[]): Promise<boolean> {
    const question = parse(request, this.#options.mechanism);
    const visitor = question === undefined ? undefined : this.#options.visitor(question.source);
    if (question === undefined || visitor === undefined) return false;
    if (visitor.domain !== question.domain || this.#judged.has(visitor)) return false;
    this.#judged.add(visitor);
    const pending: Pending = { question, isDropped: false };
    this.#pending.add(pending);
    const answer = await this.#verdict(question, visitor.address);
    this.#pending.delete(pending);
    const verdict = !pending.isDropped && answer;
    // It may have gone while somebody thought about it, and its address may be another's by now.
    if (this.#options.visitor(question.source) !== visitor) return false;
    if (verdict === false) visitor.denied();
    else visitor.admitted(question.hopKey, verdict);
    return verdict !== false;
  }

  async #verdict({ domain, hopKey }: Question, address: string): Promise<Verdict> {
    if (domain === 'join') return true;
    if (hopKey === undefined) return false;
    const { admits, mechanism } = this.#options;
    const patience = new AbortController();
    try {
      const verdict = await Promise.race([
        admits({ domain, address, mechanism, hopKey }),
        setTimeout(zapTimeoutMs, false as const, { signal: patience.signal }),
      ]);
      return verdict === true || verdict === 'relay' ? verdict : false;
    } catch {
      return false;
    } finally {
      patience.abort();
    }
  }
}

function parse(request: Buffer[], mechanism: Mechanism): Question | undefined {
  const [version, , domain, source, , name, ...credentials] = request.map((frame) => frame.toString('latin1'));
  if (version !== '1.0' || name !== mechanism.toUpperCase() || source === undefined) return undefined;
  if (domain !== 'join' && domain !== 'data') return undefined;
  if (credentials.length !== credentialFrames[mechanism]) return undefined;
  if (mechanism === 'null') return { domain, source, hopKey: Buffer.alloc(32) };
  if (mechanism === 'plain') return { domain, source, hopKey: hopKeyOfPlain(credentials) };
  const hopKey = request.at(-1);
  return hopKey?.length === 32 ? { domain, source, hopKey } : undefined;
}

function hopKeyOfPlain([user = '', secret = '']: string[]): Buffer | undefined {
  const hopKey = hexSecret.test(secret) ? plainHopKey(Buffer.from(secret, 'hex')) : undefined;
  return hopKey !== undefined && user === plainUser(hopKey) ? hopKey : undefined;
}
