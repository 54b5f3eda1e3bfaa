import assert from 'node:assert/strict';
import type { Mechanism } from '@sealcast/channel/payloads';
import {
  beginsGreeting,
  FrameScanner,
  greeting,
  greetingBytes,
  greetsAs,
  type FrameStart,
} from '@sealcast/hop/front/zmtp';
import { plainHopKey } from '@sealcast/channel/hop-key';
import { plainUser } from '@sealcast/hop/mechanism';
import { type Visitor, ZapHandler } from '@sealcast/hop/zap-handler';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { Context, Request } from 'zeromq';
import { fuzz } from './fuzz.ts';
import { carryOut, type Plan, plans } from './mutation.ts';

const mechanisms: Mechanism[] = ['curve', 'plain', 'null'];
const source = '127.8.8.8';
const secret = Buffer.alloc(32, 9);
const key = Buffer.alloc(32, 7);

const credentials: Record<Mechanism, Buffer[]> = {
  curve: [key],
  plain: [Buffer.from(plainUser(plainHopKey(secret))), Buffer.from(secret.toString('hex'))],
  null: [],
};

function honestRequest(mechanism: Mechanism): Buffer[] {
  const head = ['1.0', 'request', 'data', source, 'identity', mechanism.toUpperCase()];
  return [...head.map((text) => Buffer.from(text)), ...credentials[mechanism]];
}

/** What a handler may take for granted of the frames that it lets somebody in for. */
function isWellFormed(frames: Buffer[], mechanism: Mechanism): boolean {
  const [version, , domain, from, , name, ...shown] = frames.map((frame) => frame.toString('latin1'));
  if (version !== '1.0' || from !== source || name !== mechanism.toUpperCase()) return false;
  if (domain !== 'join' && domain !== 'data') return false;
  return shown.length === credentials[mechanism].length;
}

const zapChanges = fc.record({
  which: fc.nat(9),
  how: fc.oneof(plans, fc.constantFrom('leave' as const, 'twice' as const, 'empty' as const)),
  of: fc.nat(mechanisms.length - 1),
  door: fc.nat(mechanisms.length - 1),
});

function visitorOf(domain: Visitor['domain']): Visitor {
  return { address: '10.0.0.1', domain, admitted: () => undefined, denied: () => undefined };
}

/** A handler of one mechanism, and what asks it as libzmq does. */
async function zapDoor(mechanism: Mechanism) {
  let asked: Uint8Array[] = [];
  const context = new Context();
  let visitor = visitorOf('data');
  const handler = new ZapHandler({
    context,
    mechanism,
    visitor: (address) => (address === source ? visitor : undefined),
    admits: ({ hopKey }) => asked.push(hopKey) > 0,
    failed: (error) => {
      throw error;
    },
  });
  await handler.start();
  const socket = new Request({ context, linger: 0 });
  socket.connect('inproc://zeromq.zap.01');
  return {
    mechanism,
    /** Gives the answer, and for which hop keys somebody was asked. */
    ask: async (frames: Buffer[]) => {
      asked = [];
      visitor = visitorOf(String(frames[2]) === 'join' ? 'join' : 'data');
      await socket.send(frames);
      const answer = (await socket.receive()).map(String);
      return { answer, asked };
    },
    async close() {
      socket.close();
      await handler.stop();
    },
  };
}

it('a ZAP request of any frames is answered once, and lets in nobody whom it does not name as it should', async () => {
  const outcomes = await fuzz('ZAP requests', async () => {
    const doors = await Promise.all(mechanisms.map(zapDoor));
    return {
      inputs: zapChanges,
      async take({ which, how, of, door }) {
        const { mechanism, ask } = doors[door]!;
        const honest = honestRequest(mechanism);
        const at = which % honest.length;
        const pool = [honest[at]!, ...honest, ...honestRequest(mechanisms[of]!)];
        const frames = honest.toSpliced(at, 1, ...changedFrames(how, pool));
        const { answer, asked } = await ask(frames);
        const [, , status = '', , ...rest] = answer;
        assert.deepEqual(rest, ['', '']);
        if (!isWellFormed(frames, mechanism)) assert.deepEqual([status, asked], ['400', []]);
        for (const hopKey of asked) assert.equal(hopKey.length, 32);
        return status;
      },
      async after() {
        for (const { mechanism, ask } of doors) assert.equal((await ask(honestRequest(mechanism))).answer[2], '200');
      },
      async [Symbol.asyncDispose]() {
        await Promise.all(doors.map((door) => door.close()));
      },
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['200', '400']));
});

/** What stands in place of one frame, the first of the pool. */
function changedFrames(how: Plan | 'leave' | 'twice' | 'empty', pool: Buffer[]): Buffer[] {
  if (how === 'leave') return [];
  if (how === 'twice') return [pool[0]!, pool[0]!];
  return how === 'empty' ? [Buffer.alloc(0)] : [carryOut({ ...how, of: 0 }, pool)];
}

const frame = fc
  .record({
    flags: fc.oneof({ weight: 6, arbitrary: fc.nat(7) }, fc.nat(255)),
    body: fc.uint8Array({ maxLength: 300 }),
    size: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  })
  .map(({ flags, body, size }) => {
    const length = Buffer.alloc(8);
    length.writeBigUInt64BE(size ?? BigInt(body.length));
    return Buffer.concat([Buffer.of(flags), (flags & 2) === 0 ? length.subarray(7) : length, body]);
  });
const streams = fc.record({
  bytes: fc.oneof(
    fc.array(frame, { maxLength: 8 }).map((frames) => Buffer.concat(frames)),
    fc.uint8Array({ maxLength: 400 }),
  ),
  cuts: fc.array(fc.nat(2600), { maxLength: 12 }),
  greeted: fc.record({ plan: plans, of: fc.nat(mechanisms.length - 1) }),
});

function scanned(chunks: Uint8Array[]): FrameStart[] | undefined {
  const scanner = new FrameScanner();
  const found: FrameStart[] = [];
  for (const chunk of chunks) {
    const starts = scanner.scan(chunk);
    if (starts === undefined) return undefined;
    found.push(...starts);
  }
  return found;
}

it('the frames of a stream are found whatever chunks it comes in, and a greeting is one mechanism’s or none', async () => {
  const outcomes = await fuzz('ZMTP frames', () => ({
    inputs: streams,
    take({ bytes, cuts, greeted }) {
      const said = carryOut({ ...greeted.plan, of: 0 }, [greeting(mechanisms[greeted.of]!)]);
      beginsGreeting(said);
      const names = said.length < greetingBytes ? [] : mechanisms.filter((mechanism) => greetsAs(said, mechanism));
      assert.ok(names.length <= 1);
      const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
      const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
      const whole = scanned([bytes]);
      assert.deepEqual(scanned(chunks), whole);
      return whole === undefined ? 'no frames' : 'frames';
    },
  }));
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['frames', 'no frames']));
});
