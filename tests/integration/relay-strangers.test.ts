// Strangers who come to a relay from another address than its site: by the hundred, each with sixty topics that nobody sends to.
import { randomBytes } from 'node:crypto';
import { parseHop } from '@sealcast/channel/hop-line';
import { encodeZ85 } from '@sealcast/channel/z85';
import { clientOptions } from '@sealcast/hop/mechanism';
import { curveKeyPair, Subscriber } from 'zeromq';
import { expect, test } from 'vitest';
import { inviteThrough, masterLine, RelayProcess, tellOf } from '../stack/relay-process.ts';
import { Stack } from '../stack/stack.ts';

const everyMs = 1000 / 60;
const staysMs = 8000;
const strangersMin = 450;
const topicsOfEach = 60;
const patienceMs = 120_000;
/** A broadcast that a node asks for, because it has not come, takes longer. */
const broadcastMs = 5000;

/** Comes and goes until it is disposed of. */
class Strangers implements Disposable {
  count = 0;
  readonly #here = new Set<Subscriber>();
  readonly #coming: NodeJS.Timeout;

  constructor(port: number, serverKey: string) {
    this.#coming = setInterval(() => {
      const keys = { mechanism: 'curve', ...curveKeyPair(), serverKey } as const;
      const socket = new Subscriber({ linger: 0, reconnectInterval: -1, ...clientOptions(keys, 'data') });
      for (let topic = 0; topic < topicsOfEach; topic += 1) socket.subscribe(randomBytes(16));
      socket.connect(`tcp://127.0.0.9:0;127.0.0.1:${port}`);
      this.#here.add(socket);
      this.count += 1;
      setTimeout(() => this.#leave(socket), staysMs).unref();
    }, everyMs);
  }

  #leave(socket: Subscriber): void {
    this.#here.delete(socket);
    socket.close();
  }

  [Symbol.dispose](): void {
    clearInterval(this.#coming);
    for (const socket of this.#here) this.#leave(socket);
  }
}

test(
  'strangers who subscribe at a relay, come and go keep none of its site from the master, and no broadcast from them',
  async () => {
    await using stack = await Stack.start({ master: { report_interval: '1' } });
    const admin = await stack.signIn();
    await using relay = await RelayProcess.start(await masterLine(admin));
    const line = await relay.line();
    const known = await tellOf(admin, line);
    await relay.process.says('the way up is open');
    const far = stack.startNode('far', 0, { mq_invite_code: await inviteThrough(admin, known) });
    await admin.nodesWhen((nodes) => nodes.some(({ sample }) => sample !== null));
    const { data, curve } = parseHop(line);
    using strangers = new Strangers(data[1], encodeZ85(curve));
    await expect.poll(() => strangers.count, { timeout: 60_000 }).toBeGreaterThan(strangersMin);

    const sentMs = performance.now();
    await admin.broadcast('the first of its epoch');
    await far.line((one) => one['text'] === 'the first of its epoch');
    expect(performance.now() - sentMs).toBeLessThan(broadcastMs);

    stack.startNode('late', 1, { mq_invite_code: await inviteThrough(admin, known, 'late') });
    await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => sample !== null).length === 2);
    const cuts = stack.master.lines.filter(({ reason }) => reason === 'cut.subscriptions');
    expect(cuts).toEqual([]);
    expect(far.lines.filter(({ msg }) => String(msg).includes('is lost'))).toEqual([]);
  },
  patienceMs,
);
