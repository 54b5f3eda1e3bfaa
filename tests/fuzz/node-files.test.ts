import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from '@sealcast/channel/cbor';
import { throughMax } from '@sealcast/channel/constants';
import { systemEntropy } from '@sealcast/channel/entropy';
import { parseInvite } from '@sealcast/channel/invite';
import { receiptSchema, sampleSchema } from '@sealcast/channel/payloads';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { expect, it } from 'vitest';
import { openCommandLog } from '../../services/node/src/command-log.ts';
import { keepIdentity } from '../../services/node/src/identity-file.ts';
import { findMaster, keepMaster } from '../../services/node/src/master-file.ts';
import { encodeRecord } from '../../services/node/src/record-file.ts';
import { numberMax } from '../../services/node/src/sample-numbers.ts';
import { encodeSample } from '../../services/node/src/spool-segment.ts';
import { openSpool } from '../../services/node/src/spool.ts';
import { keepRelayKeys } from '../../services/relay/src/relay-file.ts';
import { StartError } from '../../services/runtime/src/run.ts';
import { clockAt, harvestOf, smallHarvestOf, StateFolder } from '../unit/node/state-folder.ts';
import { fuzz, type Target } from './fuzz.ts';
import { hostileBodies } from './hostile-cbor.ts';
import { inviteLines } from './invites.ts';
import { carryOut, type Plan, plans } from './mutation.ts';
import { checkNotEchoed } from './verdict.ts';

/** JSON that is near what a file holds: its bytes changed, or one of its values. */
interface JsonChange {
  plan: Plan | undefined;
  key: number;
  value: unknown;
}

const jsonChanges: fc.Arbitrary<JsonChange> = fc.record({
  plan: fc.oneof(plans, fc.constant(undefined)),
  key: fc.nat(10),
  value: fc.oneof(
    fc.jsonValue(),
    fc.constantFrom<unknown>(
      '',
      '0'.repeat(32),
      '0'.repeat(64),
      'A'.repeat(40),
      '%'.repeat(40),
      [1, 2],
      [0, 70_000],
      ['1', '2'],
      {},
      null,
    ),
    fc.base64String({ maxLength: 400 }),
    fc.stringMatching(/^[0-9a-f]{32}$/),
    fc.stringMatching(/^[0-9a-f]{64}$/),
  ),
});

function changedJson({ plan, key, value }: JsonChange, honest: string): Buffer {
  if (plan) return carryOut({ ...plan, of: 0 }, [Buffer.from(honest), Buffer.from(honest.toUpperCase())]);
  const object = JSON.parse(honest) as Record<string, unknown>;
  const keys = [...Object.keys(object), 'more'];
  return Buffer.from(JSON.stringify({ ...object, [keys[key % keys.length]!]: value }));
}

const nowhere = { host: undefined, data: [undefined, undefined], join: [undefined, undefined] } as const;

/** A file that is read at the start: it is taken, or the start ends with what to do, and the file stays as it is. */
function fuzzStartFile(
  target: Target,
  name: string,
  make: (folder: string) => unknown,
  read: (folder: string) => unknown,
) {
  return fuzz(target, () => {
    const state = new StateFolder();
    const path = join(state.path, name);
    make(state.path);
    const honest = readFileSync(path, 'utf8');
    return {
      inputs: jsonChanges,
      take(change) {
        const bytes = changedJson(change, honest);
        writeFileSync(path, bytes, { mode: 0o600 });
        try {
          read(state.path);
        } catch (error) {
          assert.ok(error instanceof StartError, String(error));
          checkNotEchoed(error.message, bytes.toString('utf8'));
          assert.ok(readFileSync(path).equals(bytes));
          assert.deepEqual(readdirSync(state.path), [name]);
          return 'stopped';
        }
        return 'read';
      },
      after() {
        writeFileSync(path, honest, { mode: 0o600 });
        read(state.path);
      },
      [Symbol.asyncDispose]: async () => state[Symbol.dispose](),
    };
  });
}

it('an identity of any bytes is taken, or the node stops, quotes none of it and leaves it as it is', async () => {
  const outcomes = await fuzzStartFile(
    'identity.json',
    'identity.json',
    (folder) => void keepIdentity(folder, systemEntropy),
    (folder) => {
      const { identity } = keepIdentity(folder, systemEntropy);
      assert.equal(identity.id.length, 16);
      assert.equal(identity.publicKey.length, 32);
    },
  );
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['stopped']));
});

it('what a node kept of its master is taken, or the node stops and leaves it as it is, whatever it says', async () => {
  const outcomes = await fuzzStartFile(
    'master.json',
    'master.json',
    (folder) => keepMaster(folder, parseInvite(inviteLines[0]!)),
    (folder) => void findMaster(folder, undefined, { ...nowhere, data: [...nowhere.data], join: [...nowhere.join] }),
  );
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['stopped']));
});

it('a relay’s keys of any bytes are taken, or the relay stops, quotes none of them and leaves them as they are', async () => {
  const outcomes = await fuzzStartFile('relay.json', 'relay.json', keepRelayKeys, keepRelayKeys);
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['stopped']));
});

const limits = { maxBytes: 1 << 20, maxAgeMs: 86_400_000 };
const harvestSchema = v.omit(sampleSchema, ['number', 'at']);
const spooled = [1, 2, 3].map((number) => encodeSample({ number, clock: clockAt(number), harvest: harvestOf(number) }));
const honestSegment = Buffer.concat(spooled);

/** Where numbers of samples end: what the master may raise them to, what a file may hold, what has an encoding, what has a place. */
const edges = [BigInt(throughMax), BigInt(numberMax), 2n ** 53n, 2n ** 64n].flatMap((edge) => [
  edge - 1n,
  edge % 2n ** 64n,
  (edge + 1n) % 2n ** 64n,
]);

/** A record's payload, of which not all may be there. */
const forged = fc.record({
  number: fc.oneof(fc.nat(10).map(BigInt), fc.constantFrom(...edges), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })),
  clock: fc.tuple(fc.double(), fc.double()),
  boot: fc.uint8Array({ minLength: 16, maxLength: 16 }),
  body: fc.oneof(
    { weight: 3, arbitrary: fc.constant(encode(smallHarvestOf(5))) },
    hostileBodies(fc.constant({ ...smallHarvestOf(5) })),
  ),
  cut: fc.oneof({ weight: 6, arbitrary: fc.constant(undefined) }, fc.nat(60)),
});

/** Records whose check is right, whatever they hold, and in whatever order. */
const forgedRecords = fc.array(forged, { maxLength: 4 }).map((records) =>
  Buffer.concat(
    records.map(({ number, clock, boot, body, cut }) => {
      const prefix = Buffer.alloc(24);
      prefix.writeBigUInt64BE(number);
      prefix.writeDoubleBE(clock[0], 8);
      prefix.writeDoubleBE(clock[1], 16);
      return encodeRecord(Buffer.concat([prefix, boot, body]).subarray(0, cut));
    }),
  ),
);

const segments = fc.record({
  name: fc.oneof(
    fc.constantFrom('0000000000000001.v1', '0000000000000009.v1', '9999999999999999.v1', 'x.v1'),
    fc.stringMatching(/^\d{16}\.v1$/),
  ),
  content: fc.oneof(plans, forgedRecords),
  second: fc.oneof(fc.constant(undefined), forgedRecords),
  numbers: fc.oneof(
    fc.constantFrom('', '7\n', '-1\n', 'x', ...edges.map((edge) => `${edge}\n`)),
    fc.string({ maxLength: 20 }),
  ),
  through: fc.oneof(
    fc.constant(0),
    fc.maxSafeNat(),
    fc.constantFrom(...edges.map(Number).filter(Number.isSafeInteger)),
  ),
});

it('a spool of any bytes gives valid samples alone, and goes on numbering', async () => {
  const outcomes = await fuzz('spool of a node', () => {
    const state = new StateFolder();
    const folder = join(state.path, 'spool');
    return {
      inputs: segments,
      take({ name, content, second, numbers, through }) {
        rmSync(folder, { recursive: true, force: true });
        mkdirSync(folder);
        const bytes = Buffer.isBuffer(content) ? content : carryOut({ ...content, of: 0 }, [honestSegment, ...spooled]);
        writeFileSync(join(folder, name), bytes);
        if (second !== undefined) writeFileSync(join(folder, '0000000000000005.v1'), second);
        writeFileSync(join(folder, 'numbers'), numbers);
        const spool = openSpool(state.path, limits);
        const found = spool.oldest(64, 1 << 16);
        for (const { harvest } of found) assert.ok(v.is(harvestSchema, harvest));
        let last = 0;
        const checkNext = (number: number) => {
          assert.ok(Number.isSafeInteger(number) && number > last, `${number} comes after ${last}`);
          last = number;
        };
        for (const { number } of found) checkNext(number);
        checkNext(spool.append(smallHarvestOf(9), clockAt(10)));
        spool.raise(through);
        checkNext(spool.append(smallHarvestOf(9), clockAt(11)));
        for (const { number } of spool.oldest(Infinity, Infinity))
          assert.ok(Number.isSafeInteger(number) && number <= last);
        spool.flush();
        assert.ok(spool.size >= 1);
        spool.confirm(Number.MAX_SAFE_INTEGER);
        assert.equal(spool.size, 0);
        spool.close();
        return found.length > 0 ? 'samples' : 'none';
      },
      [Symbol.asyncDispose]: async () => state[Symbol.dispose](),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['samples', 'none']));
});

const entry = fc.record(
  {
    id: fc.oneof(
      fc.constantFrom('0'.repeat(32), 'a'.repeat(32), 'A'.repeat(32), ''),
      fc.stringMatching(/^[0-9a-f]{32}$/),
    ),
    expires: fc.oneof(fc.maxSafeInteger(), fc.double(), fc.constantFrom<unknown>(null, '1')),
    outcome: fc.constantFrom<unknown>('done', 'failed', 'refused', 'expired', 'waiting', null, 1),
    detail: fc.oneof(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.constantFrom<unknown>(null, 1, 'x'.repeat(257), '\u0000'),
    ),
    more: fc.jsonValue(),
  },
  { requiredKeys: ['id', 'expires'] },
);
const logs = fc.oneof(
  fc
    .array(entry, { maxLength: 6 })
    .map((entries) => Buffer.from(entries.map((one) => `${JSON.stringify(one)}\n`).join(''))),
  plans.map((plan) =>
    carryOut({ ...plan, of: 0 }, [Buffer.from(`{"id":"${'a'.repeat(32)}","expires":9,"outcome":"done"}\n`.repeat(3))]),
  ),
);

it('a command log of any bytes gives outcomes that a receipt can tell, and goes on', async () => {
  const outcomes = await fuzz('commands of a node', () => {
    const state = new StateFolder();
    return {
      inputs: logs,
      take(bytes) {
        writeFileSync(join(state.path, 'commands'), bytes, { mode: 0o600 });
        const log = openCommandLog(state.path);
        const ids = new Set(bytes.toString('utf8').match(/[0-9a-f]{32}/g));
        let known = 0;
        for (const id of ids) {
          const outcome = log.outcomeOf(id);
          if (outcome === undefined) continue;
          known++;
          const receipt = v.parse(receiptSchema, { command: Buffer.from(id, 'hex'), ...outcome });
          encode(receipt);
        }
        const id = 'f'.repeat(31) + '0';
        if (!ids.has(id)) {
          log.begin(id, 1);
          log.finish(id, 'done');
        }
        log.close();
        const again = openCommandLog(state.path);
        assert.equal(again.outcomeOf(id)?.outcome, 'done');
        again.close();
        return known > 0 ? 'known' : 'none';
      },
      [Symbol.asyncDispose]: async () => state[Symbol.dispose](),
    };
  });
  expect(Object.keys(outcomes)).toEqual(expect.arrayContaining(['known', 'none']));
});
