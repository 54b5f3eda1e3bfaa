import type { Admits, Verdict } from '@sealcast/hop/admission';
import { plainHopKey } from '@sealcast/channel/hop-key';
import { plainUser } from '@sealcast/hop/mechanism';
import { type Visitor, ZapHandler } from '@sealcast/hop/zap-handler';
import type { Mechanism } from '@sealcast/channel/payloads';
import { expect, test } from 'vitest';
import { Context, Request } from 'zeromq';

const key = Buffer.alloc(32, 7);
const source = '127.8.8.8';
const head = ['1.0', 'request 1', 'data', source, 'identity'];
const good = [...head, 'CURVE', key];
const yes = ['1.0', 'request 1', '200', 'OK', '', ''];
const no = ['1.0', 'request 1', '400', 'No', '', ''];

class Asking implements AsyncDisposable {
  readonly let: { hopKey: Uint8Array | undefined; verdict: Verdict }[] = [];
  readonly questions: unknown[] = [];
  denied = 0;
  readonly visitors = new Map<string, Visitor>();
  readonly #context = new Context();
  readonly handler: ZapHandler;

  constructor(mechanism: Mechanism = 'curve', admits: Admits = () => true) {
    this.handler = new ZapHandler({
      context: this.#context,
      mechanism,
      visitor: (address) => this.visitors.get(address),
      admits: (request) => {
        this.questions.push(request);
        return admits(request);
      },
      failed: (error) => {
        throw error;
      },
    });
  }

  async start(): Promise<this> {
    await this.handler.start();
    return this;
  }

  /** A connection of its own to the port of `domain`. */
  comes(domain: Visitor['domain'], from = source): void {
    this.visitors.set(from, {
      address: '10.0.0.1',
      domain,
      admitted: (hopKey, verdict) => this.let.push({ hopKey, verdict }),
      denied: () => {
        this.denied += 1;
      },
    });
  }

  /** A question about a connection that has just come to the port that it names. */
  ask(frames: (string | Buffer)[]): Promise<string[]> {
    this.comes(frames[2] === 'join' ? 'join' : 'data');
    return this.question(frames);
  }

  async question(frames: (string | Buffer)[]): Promise<string[]> {
    const socket = new Request({ context: this.#context, linger: 0 });
    socket.connect('inproc://zeromq.zap.01');
    await socket.send(frames);
    const reply = await socket.receive();
    socket.close();
    return reply.map(String);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.handler.stop();
  }
}

test('a well-formed request is put to who decides, with the real address, and answered under its own id', async () => {
  await using zap = await new Asking().start();
  expect(await zap.ask(good)).toEqual(yes);
  expect(zap.questions).toEqual([{ domain: 'data', address: '10.0.0.1', mechanism: 'curve', hopKey: key }]);
  expect(zap.let).toEqual([{ hopKey: key, verdict: true }]);
});

test('the domain join is open without anybody being asked', async () => {
  await using zap = await new Asking('curve', () => false).start();
  expect(await zap.ask(['1.0', 'request 1', 'join', source, '', 'CURVE', key])).toEqual(yes);
  expect(zap.questions).toEqual([]);
});

test('a request from an address that is no live connection is refused without asking', async () => {
  await using zap = await new Asking().start();
  expect(await zap.ask(['1.0', 'request 1', 'data', '127.8.8.9', '', 'CURVE', key])).toEqual(no);
  expect(await zap.ask(['1.0', 'request 1', 'join', '127.0.0.1', '', 'CURVE', key])).toEqual(no);
  expect(zap.questions).toEqual([]);
});

test('a connection that has gone by the time of the answer is not let in', async () => {
  const gone = () => zap.visitors.delete(source);
  await using zap: Asking = await new Asking('curve', gone).start();
  expect(await zap.ask(good)).toEqual(no);
  expect(zap.let).toEqual([]);
});

test.each([
  ['false', () => false],
  ['something that is no verdict', () => JSON.parse('"yes"')],
  ['a number', () => JSON.parse('1')],
  ['nothing', () => JSON.parse('null')],
  ['a failure', () => JSON.parse('broken')],
  ['a late failure', () => Promise.reject(new Error('late'))],
])('%s is a 400', async (_, admits) => {
  await using zap = await new Asking('curve', admits).start();
  expect(await zap.ask(good)).toEqual(no);
  expect(zap.denied).toBe(1);
  expect(zap.let).toEqual([]);
});

test('who does not decide in time says no, and keeps nobody else waiting', async () => {
  const hung = Buffer.alloc(32, 8);
  const never = Promise.withResolvers<boolean>();
  await using zap = await new Asking('curve', ({ hopKey }) => (hung.equals(hopKey) ? never.promise : true)).start();
  zap.comes('data', '127.8.8.7');
  const late = zap.question(['1.0', 'request 1', 'data', '127.8.8.7', '', 'CURVE', hung]);
  expect(await zap.ask(good)).toEqual(yes);
  expect(zap.denied).toBe(0);
  expect(await late).toEqual(no);
  expect(zap.denied).toBe(1);
});

test('a key that is dropped while a yes about it is under way is not let in, and others are', async () => {
  const asked = Promise.withResolvers<void>();
  const answer = Promise.withResolvers<boolean>();
  const waiting: Admits = () => {
    asked.resolve();
    return answer.promise;
  };
  await using zap = await new Asking('curve', waiting).start();
  const reply = zap.ask(good);
  await asked.promise;
  answer.resolve(true);
  zap.handler.drop('09'.repeat(32));
  zap.handler.drop(key.toString('hex'));
  expect(await reply).toEqual(no);
  expect([zap.let, zap.denied]).toEqual([[], 1]);
  expect(await zap.ask(good)).toEqual(yes);
});

test('whose connection has been judged is neither let in nor sent away by another question', async () => {
  await using zap = await new Asking('curve', ({ hopKey }) => key.equals(hopKey)).start();
  expect(await zap.ask(good)).toEqual(yes);
  expect(await zap.question([...head, 'CURVE', Buffer.alloc(32, 8)])).toEqual(no);
  expect(await zap.question(good)).toEqual(no);
  expect([zap.let.length, zap.denied]).toEqual([1, 0]);
});

test('a question for another port than its connection came to is refused, and leaves it alone', async () => {
  await using zap = await new Asking().start();
  zap.comes('data');
  expect(await zap.question(['1.0', 'request 1', 'join', source, '', 'CURVE', key])).toEqual(no);
  expect([zap.let.length, zap.denied]).toEqual([0, 0]);
  expect(await zap.question(good)).toEqual(yes);
});

test('a relay is let in as one', async () => {
  await using zap = await new Asking('curve', () => 'relay').start();
  expect(await zap.ask(good)).toEqual(yes);
  expect(zap.let).toEqual([{ hopKey: key, verdict: 'relay' }]);
});

test('under PLAIN the hop key is the hash of the secret, and the user name has to be of it', async () => {
  const secret = Buffer.alloc(32, 0xab);
  const hopKey = plainHopKey(secret);
  await using zap = await new Asking('plain').start();
  expect(await zap.ask([...head, 'PLAIN', plainUser(hopKey), secret.toString('hex')])).toEqual(yes);
  expect(zap.let).toEqual([{ hopKey, verdict: true }]);
  expect(await zap.ask([...head, 'PLAIN', plainUser(key), secret.toString('hex')])).toEqual(no);
  expect(await zap.ask([...head, 'PLAIN', plainUser(hopKey), secret.toString('hex').toUpperCase()])).toEqual(no);
  expect(await zap.ask([...head, 'PLAIN', 'join', 'join'])).toEqual(no);
  expect(zap.questions.length).toBe(1);
  expect(await zap.ask(['1.0', 'request 1', 'join', source, '', 'PLAIN', 'join', 'join'])).toEqual(yes);
});

test('under NULL the hop key is all zero, and who decides is asked all the same', async () => {
  await using zap = await new Asking('null', () => false).start();
  expect(await zap.ask([...head, 'NULL'])).toEqual(no);
  expect(zap.questions).toEqual([{ domain: 'data', address: '10.0.0.1', mechanism: 'null', hopKey: Buffer.alloc(32) }]);
});

test.each<[string, Mechanism, (string | Buffer)[]]>([
  ['another version', 'curve', ['1.1', ...good.slice(1)]],
  ['another domain', 'curve', ['1.0', 'request 1', 'global', source, '', 'CURVE', key]],
  ['NULL where CURVE is spoken', 'curve', [...head, 'NULL']],
  ['PLAIN where CURVE is spoken', 'curve', [...head, 'PLAIN', 'name', 'secret']],
  ['CURVE where NULL is spoken', 'null', good],
  // Which names one credential as well.
  ['GSSAPI where CURVE is spoken', 'curve', [...head, 'GSSAPI', key]],
  ['a short key', 'curve', [...head, 'CURVE', key.subarray(1)]],
  ['a frame too many', 'curve', [...good, 'x']],
  ['a frame too few', 'curve', good.slice(0, 6)],
  ['credentials with NULL', 'null', [...head, 'NULL', key]],
  ['a user without a secret', 'plain', [...head, 'PLAIN', 'user']],
  ['nothing but a version', 'curve', ['1.0']],
])('%s is refused without asking', async (_, mechanism, frames) => {
  await using zap = await new Asking(mechanism).start();
  expect((await zap.ask(frames))[2]).toBe('400');
  expect(zap.questions).toEqual([]);
});
