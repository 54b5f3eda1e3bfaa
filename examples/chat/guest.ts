// A guest: a node of the channel. It knocks until it is let in, and from then on says OTHER and reads broadcasts.
import { setTimeout as wait } from 'node:timers/promises';
import { joinTimeoutMs, joinTries, rekeyAfterMs } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { BroadcastReader } from '@sealcast/channel/epoch';
import { Refusal } from '@sealcast/channel/errors';
import { type Invite, parseInvite } from '@sealcast/channel/invite';
import { type JoinStep, NodeJoin } from '@sealcast/channel/join-node';
import type { Command } from '@sealcast/channel/payloads';
import type { Session } from '@sealcast/channel/session';
import { SendLoop } from '@sealcast/hop/send-loop';
import { keepIdentity } from '@sealcast/node/identity-file';
import { hopCredentials } from '@sealcast/node/link/credentials';
import { Hop } from '@sealcast/node/link/hop';
import { privateFolder, readPrivateFile, writePrivateFile } from '@sealcast/runtime/private-file';

type Welcome = Extract<JoinStep, { type: 'welcome' }>;
type Visit = { session: Session; hop: Hop; loop: SendLoop };

const [askMs, silenceMs, againMs] = [2000, 10_000, 2000];

export class Guest {
  readonly #invite: Invite;
  readonly #kept: ReturnType<typeof keepIdentity>;
  readonly #show: (said: string) => void;
  readonly #reader: BroadcastReader;
  #visit: Visit | undefined;
  #unsaid: string[] = [];

  /** `folder` keeps the identity, and the invite, which names the room. */
  constructor(folder: string, invite: string, show: (said: string) => void) {
    privateFolder(folder, folder);
    this.#invite = parseInvite(invite || (readPrivateFile(`${folder}/invite`) ?? ''));
    if (invite) writePrivateFile(`${folder}/invite`, invite);
    this.#kept = keepIdentity(folder, systemEntropy);
    this.#reader = new BroadcastReader(this.#invite.signing);
    this.#show = show;
  }

  async stay(): Promise<void> {
    for (;;) {
      try {
        await this.#listen(await this.#knock());
      } catch (error) {
        this.#show(`\t${error instanceof Error ? error.message : String(error)}`);
        await wait(againMs * (1 + Math.random()));
      }
    }
  }

  say(text: string): void {
    if (!this.#visit) this.#unsaid.push(text);
    else this.#visit.loop.send(this.#visit.session.seal({ kind: 'other', body: Buffer.from(text) }));
  }

  async leave(): Promise<void> {
    if (!this.#visit) return;
    this.#visit.loop.send(this.#visit.session.seal({ kind: 'leave', body: {} }));
    await this.#visit.loop.flushed();
    await wait(50);
  }

  /** One join: HELLO and CONFIRM, each a few times, until WELCOME comes. */
  async #knock(): Promise<Welcome> {
    const join = new NodeJoin(this.#invite, this.#kept.identity, this.#invite.code, systemEntropy, { other: true });
    const { hop, loop } = this.#connect('join', [join.topic]);
    let step = join.hello;
    loop.send(step);
    const repeat = setInterval(() => loop.send(step), joinTimeoutMs);
    const patience = setTimeout(() => hop.close(), joinTimeoutMs * joinTries);
    try {
      for await (const [, frame] of hop.sub) {
        const answer = orRefuse(() => join.receive(frame ?? Buffer.alloc(0)));
        if (answer?.type === 'refused') throw new Error('the room does not take this invite');
        if (answer?.type === 'welcome') return answer;
        if (answer?.type === 'offer') loop.send((step = answer.confirm));
      }
      throw new Error(`nobody opens at ${this.#invite.host}`);
    } finally {
      clearInterval(repeat);
      clearTimeout(patience);
      hop.close();
      join.erase();
    }
  }

  /** One session, until it is silent or old. */
  async #listen({ session, welcome }: Welcome): Promise<void> {
    const reader = this.#reader;
    const missed = reader.epoch === 0 ? [] : reader.missing(welcome.head);
    reader.set(welcome.epoch, welcome.key, welcome.head);
    const { hop, loop } = this.#connect('data', [session.topic, ...reader.topics(Date.now())]);
    const ask = (missing: number[]) => loop.send(session.seal({ kind: 'ask', body: { epoch: reader.epoch, missing } }));
    // An answer can't come before the room knows of the subscription.
    await hop.opened(silenceMs);
    this.#visit = { session, hop, loop };
    ask(missed);
    for (const text of this.#unsaid.splice(0)) this.say(text);
    const asking = setInterval(() => ask([]), askMs);
    const [silence, age] = [silenceMs, rekeyAfterMs].map((ms) => setTimeout(() => hop.close(), ms));
    try {
      for await (const [topic, frame] of hop.sub)
        orRefuse(() => {
          if (!topic || !frame) return;
          silence?.refresh();
          if (!topic.equals(session.topic)) {
            this.#hear(reader.open(topic, frame, Date.now()).command);
            return;
          }
          const message = session.open(frame);
          if (message.kind === 'command') this.#hear(message.body);
          if (message.kind === 'epoch') {
            reader.advance(message.body.epoch, message.body.key, message.body.head, Date.now());
            for (const open of reader.topics(Date.now())) hop.subscribe(open);
            ask([]);
          }
          if (message.kind !== 'ack') return;
          const missing = reader.missing(message.body.head);
          if (missing.length > 0) ask(missing);
        });
    } finally {
      clearInterval(asking);
      clearTimeout(silence);
      clearTimeout(age);
      this.#visit = undefined;
      hop.close();
      session.erase();
    }
  }

  #connect(domain: 'join' | 'data', topics: Uint8Array[]) {
    const hop = new Hop(this.#invite, domain, hopCredentials(this.#kept, this.#invite), topics);
    return { hop, loop: new SendLoop(hop.push, () => undefined) };
  }

  #hear({ action }: Command): void {
    if (action.type === 'text') this.#show(action.text);
  }
}

/** What is not for this guest, or not in order, is passed over: it may be anybody's. */
function orRefuse<T>(open: () => T): T | undefined {
  try {
    return open();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}
