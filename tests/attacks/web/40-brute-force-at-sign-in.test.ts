// The attacker reaches the page's port, guesses names and passwords as fast as he can from as many addresses as he has, and may have an
// account of his own. The server listens on a real socket, keeps real argon2id hashes, and only its clock is in the test's hand.
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { hashPassword } from '@sealcast/init/password';
import { peerIsProxy } from '@sealcast/master/http/proxies';
import { SignInLimits } from '@sealcast/master/http/sign-in-limits';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testServer } from '../../unit/master/http/test-server.ts';

const minute = 60_000;
const hour = 60 * minute;
const password = 'correct horse battery staple';

type Server = Awaited<ReturnType<typeof testServer>>;

interface Place {
  server: Server;
  port: number;
}

/** Behind a proxy, so that an attacker with many addresses can be played. */
let proxied: Place;
let direct: Place;

async function place(over: Parameters<typeof testServer>[0]): Promise<Place> {
  const server = await testServer(over);
  for (const name of ['admin', 'mallory']) server.store.admins.take({ name, hash: hashPassword(password) }, 2);
  return { server, port: await server.listen() };
}

beforeAll(async () => {
  [proxied, direct] = await Promise.all([place({ proxies: { isProxy: peerIsProxy } }), place({})]);
});

afterAll(async () => {
  await Promise.all([proxied, direct].map(({ server }) => server[Symbol.asyncDispose]()));
});

interface Answer {
  status: number;
  /** Seconds. */
  wait: number;
  headers: string[];
  body: string;
}

async function guess(
  { port }: Place,
  name: string,
  word: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const sent = request({
    port,
    host: '127.0.0.1',
    path: '/api/session',
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  sent.end(JSON.stringify({ name, password: word }));
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  const body = await text(answer);
  const dated = answer.rawHeaders.indexOf('Date');
  return {
    status: answer.statusCode ?? 0,
    wait: Number(answer.headers['retry-after'] ?? 0),
    headers: answer.rawHeaders.toSpliced(dated, 2),
    body,
  };
}

let addresses = 0;

/** An address that was not there before. */
function elsewhere(): Record<string, string> {
  addresses += 1;
  return { 'x-forwarded-for': `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}` };
}

/** What nobody has to wait for any more. */
function forget({ server }: Place): void {
  server.clock.ms += 2 * hour;
}

/** Guesses as soon as it may; gives the waits in between, and how many guesses went through. */
async function press(
  at: Place,
  rounds: number,
  one: () => Promise<Answer>,
): Promise<{ waits: number[]; went: number }> {
  const waits: number[] = [];
  let went = 0;
  while (waits.length < rounds) {
    const { status, wait } = await one();
    if (status === 401) went += 1;
    else {
      if (status !== 429) throw new Error(`a guess was answered with ${status}`);
      waits.push(wait);
      at.server.clock.ms += wait * 1000;
    }
  }
  return { waits, went };
}

test('guesses at one name from many addresses, and at many names from one, wait ever longer', async () => {
  forget(proxied);
  const atName = await press(proxied, 7, () => guess(proxied, 'admin', 'a guess', elsewhere()));
  expect(atName).toEqual({ waits: [1, 2, 4, 8, 16, 30, 30], went: 11 });
  // The right password has to wait like any other: whoever has it can't be told from who guesses it.
  expect(await guess(proxied, 'admin', 'a guess', elsewhere())).toMatchObject({ status: 401 });
  expect(await guess(proxied, 'admin', password, elsewhere())).toMatchObject({ status: 429, wait: 30 });
  forget(proxied);
  let names = 0;
  const here = elsewhere();
  const fromOne = await press(proxied, 11, () => guess(proxied, `name ${(names += 1)}`, 'a guess', here));
  expect(fromOne).toEqual({ waits: [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900], went: 15 });
});

test('no success with another account gives guesses back', async () => {
  forget(proxied);
  const here = elsewhere();
  const own = async () => {
    const { status } = await guess(proxied, 'mallory', password, here);
    expect([204, 429]).toContain(status);
  };
  let names = 0;
  const pressed = await press(proxied, 4, async () => {
    await own();
    return await guess(proxied, `victim ${(names += 1)}`, 'a guess', here);
  });
  expect(pressed).toEqual({ waits: [1, 2, 4, 8], went: 8 });
});

test('without a proxy no header gives an address of his own choice', async () => {
  forget(direct);
  const headers = [
    'x-forwarded-for',
    'x-real-ip',
    'x-client-ip',
    'true-client-ip',
    'cf-connecting-ip',
    'forwarded',
    'via',
  ];
  const statuses: number[] = [];
  for (const [index, name] of [...headers, 'x-forwarded-for'].entries()) {
    const value = name === 'forwarded' ? `for=192.0.2.${index}` : `192.0.2.${index}`;
    statuses.push((await guess(direct, `stranger ${index}`, 'a guess', { [name]: value })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429, 429]);
});

test('behind a proxy only what the proxy itself wrote counts', async () => {
  forget(proxied);
  const statuses: number[] = [];
  for (let tries = 0; tries < 7; tries += 1) {
    const from = `192.0.2.${tries}, 198.51.100.${tries}, 203.0.113.7`;
    statuses.push((await guess(proxied, `stranger ${tries}`, 'a guess', { 'x-forwarded-for': from })).status);
  }
  expect(statuses).toEqual([401, 401, 401, 401, 401, 429, 429]);
});

test('no other spelling of a name is that name', async () => {
  forget(proxied);
  const spellings = [
    'Admin',
    'ADMIN',
    ' admin',
    'admin ',
    'admin\0',
    '\0admin',
    'admin\u200b',
    '\ufeffadmin',
    'a\u0000dmin',
    'ａｄｍｉｎ',
    'аdmin',
    'adm\u0131n',
    'admi\u00f1',
    "admin' OR '1'='1",
    "admin'--",
    'admin%00',
    '%61dmin',
    'adm_n',
    'adm%',
    'admin\u0301',
    '\ud800admin',
  ];
  for (const name of spellings) {
    const answer = await guess(proxied, name, password, elsewhere());
    expect([name, answer.status]).toEqual([name, 401]);
  }
  expect((await guess(proxied, 'admin', password, elsewhere())).status).toBe(204);
});

test('a name that is there and one that is not get the same bytes', async () => {
  forget(proxied);
  const known = await guess(proxied, 'admin', 'a guess', elsewhere());
  const unknown = await guess(proxied, 'nobody', 'a guess', elsewhere());
  expect(known.status).toBe(401);
  expect(unknown).toEqual(known);
  const [first, second] = await Promise.all(
    ['admin', 'nobody else'].map(async (name) => {
      const answers: Answer[] = [];
      for (let tries = 0; tries < 6; tries += 1) answers.push(await guess(proxied, name, 'a guess', elsewhere()));
      return answers.slice(1);
    }),
  );
  expect(first?.at(-1)?.status).toBe(429);
  expect(second?.map(({ status }) => status)).toEqual([401, 401, 401, 401, 429]);
  expect(second?.at(-1)).toEqual(first?.at(-1));
});

test('a name that is there and one that is not take the same time', async () => {
  const tries = 40;
  const took: Record<'known' | 'unknown', number[]> = { known: [], unknown: [] };
  for (let turn = 0; turn < tries; turn += 1) {
    // Each is first as often as the other.
    const order = turn % 2 === 0 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const);
    for (const which of order) {
      forget(proxied);
      const from = elsewhere();
      const begun = performance.now();
      const { status } = await guess(proxied, which === 'known' ? 'admin' : `nobody ${turn}`, 'a guess', from);
      took[which].push(performance.now() - begun);
      expect(status).toBe(401);
    }
  }
  const ratio = median(took.known) / median(took.unknown);
  // Without argon2 for a name that is not there it would be far above ten; with half its memory, about two.
  expect(ratio).toBeGreaterThan(0.7);
  expect(ratio).toBeLessThan(1.4);
});

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

test.for([
  ['from one address', (here: Record<string, string>) => here],
  ['from as many addresses', elsewhere],
] as const)('guesses sent at once %s are no more than those sent one by one', async ([, from]) => {
  forget(proxied);
  const here = elsewhere();
  const answers = await Promise.all(
    Array.from({ length: 60 }, (_, index) => guess(proxied, 'admin', `guess ${index}`, from(here))),
  );
  const statuses = answers.map(({ status }) => status);
  expect(statuses.filter((status) => status === 401)).toHaveLength(5);
  expect(statuses.filter((status) => status === 429)).toHaveLength(55);
});

test('a hundred thousand names from as many addresses cost little memory, and each still counts', () => {
  const now = 1_000_000;
  const limits = new SignInLimits();
  setFlagsFromString('--expose-gc');
  const collect: () => void = runInNewContext('gc');
  const heap = () => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const taken = (from: number, to: number) => {
    for (let count = from; count < to; count += 1) {
      const address = `10.${count >> 16}.${(count >> 8) & 255}.${count & 255}`;
      limits.take(address, `name ${count} ${'x'.repeat(50)}`, now + count);
      limits.succeeded(`2001:db8:${count >> 16}:${count & 65_535}::1`, `name ${count}`);
    }
  };
  taken(0, 20_000);
  const full = heap();
  taken(20_000, 120_000);
  const grown = heap() - full;
  expect(grown).toBeLessThan(1_000_000);
  // And whoever guesses now has to wait as ever.
  const later = now + 2 * hour;
  const waits = Array.from({ length: 6 }, () => limits.take('192.0.2.1', 'admin', later));
  expect(waits).toEqual([0, 0, 0, 0, 0, 1000]);
});
