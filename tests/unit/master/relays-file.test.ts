import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHop } from '@sealcast/channel/hop-line';
import { takeRelays } from '@sealcast/master/relays-file';
import { createLog } from '@sealcast/runtime/log';
import { expect, test } from 'vitest';
import { enrolled, hex, scratchStore } from './store/scratch-store.ts';

const log = createLog('test', 'silent');
const line = (byte: number) =>
  formatHop({ host: 'barn.lan', data: [1, 2], join: [3, 4], curve: Buffer.alloc(32, 9), up: Buffer.alloc(32, byte) });

function fileWith(content: unknown) {
  const scratch = scratchStore();
  const file = join(scratch.folder, 'relays.json');
  if (content !== undefined) writeFileSync(file, JSON.stringify(content));
  return { ...scratch, store: scratch.store, file, [Symbol.dispose]: () => scratch[Symbol.dispose]() };
}

test('relays that init wrote down are taken over, once', () => {
  using set = fileWith([1, 2].map((byte) => ({ name: `relay ${byte}`, line: line(byte) })));
  takeRelays(set.store, set.file, 5000, log);
  takeRelays(set.store, set.file, 9000, log);
  const taken = new Map(set.store.relays.all().map(({ name, addedAt }) => [name, addedAt]));
  expect(taken).toEqual(new Map([1, 2].map((byte) => [`relay ${byte}`, 5000])));
});

test('a relay that was removed on the page does not come back with a start', () => {
  using set = fileWith([{ name: 'barn', line: line(1) }]);
  takeRelays(set.store, set.file, 5000, log);
  const [relay] = set.store.relays.all();
  set.store.relays.remove(relay?.id ?? '', 6000);
  takeRelays(set.store, set.file, 7000, log);
  expect(set.store.relays.all()).toEqual([]);
});

test('a relay whose key is, or was, a node’s is left out, and the others are not', () => {
  using set = fileWith([0xaa, 0xbb, 1].map((byte) => ({ name: `relay ${byte}`, line: line(byte) })));
  const [, gone] = [enrolled(set.store, 'a'), enrolled(set.store, 'b')];
  set.store.roster.setHopKey(gone, hex('c', 64), 1);
  set.store.roster.setRemoved(gone, 4000);
  const said: string[] = [];
  takeRelays(set.store, set.file, 5000, createLog('test', 'info', { write: (text: string) => void said.push(text) }));
  expect(set.store.relays.all()).toMatchObject([{ name: 'relay 1' }]);
  expect(said.map((text) => JSON.parse(text))).toMatchObject([{ relay: 'relay 170' }, { relay: 'relay 187' }]);
});

test('no file is no relays', () => {
  using set = fileWith(undefined);
  takeRelays(set.store, set.file, 5000, log);
  expect(set.store.relays.all()).toEqual([]);
});

test.for([
  ['another list', [{ hash: 'a' }], 'is not a list of relays as init writes it'],
  [
    'a line that is damaged',
    [{ name: 'barn', line: line(1).slice(0, -1) }],
    'the line of barn is not the line of a relay',
  ],
] as const)('%s ends the start with a sentence', ([, content, sentence]) => {
  using set = fileWith(content);
  expect(() => takeRelays(set.store, set.file, 5000, log)).toThrow(sentence);
});
