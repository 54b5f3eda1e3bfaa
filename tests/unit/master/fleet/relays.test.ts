import { formatHop } from '@sealcast/channel/hop-line';
import { KeptOutKeys } from '@sealcast/master/fleet/kept-out';
import { Relays } from '@sealcast/master/fleet/relays';
import { expect, test } from 'vitest';
import { scratchStore } from '../store/scratch-store.ts';

const key = (byte: number) => Buffer.alloc(32, byte);
const hop = { host: 'barn.lan', data: [1, 2], join: [3, 4], curve: key(1), up: key(2) } as const;
const line = formatHop({ ...hop, data: [...hop.data], join: [...hop.join] });
const up = key(2).toString('hex');

function relays() {
  const scratch = scratchStore();
  return {
    relays: new Relays(scratch.store, new KeptOutKeys()),
    scratch,
    [Symbol.dispose]: () => scratch[Symbol.dispose](),
  };
}

test('a relay that is added is let in, and its hop is known', () => {
  using set = relays();
  expect(set.relays.admits(up)).toBe(false);
  const view = set.relays.add('barn', ` ${line}\n`, 5000);
  expect(view).toEqual({
    id: expect.stringMatching(/^[0-9a-f]{32}$/),
    name: 'barn',
    host: 'barn.lan',
    line,
    addedAt: 5000,
    connected: false,
    since: null,
    keptOut: null,
  });
  expect(set.relays.list()).toEqual([view]);
  expect(set.relays.admits(up)).toBe(true);
  expect(set.relays.hop(set.relays.list()[0]?.id ?? '')).toMatchObject({
    host: 'barn.lan',
    data: [1, 2],
    join: [3, 4],
  });
});

test('a key is known once, under whatever name', () => {
  using set = relays();
  set.relays.add('barn', line, 5000);
  const elsewhere = formatHop({ ...hop, data: [5, 6], join: [7, 8], host: 'attic.lan' });
  expect(set.relays.add('attic', elsewhere, 6000)).toBe('known');
  expect(set.relays.list()).toMatchObject([{ name: 'barn' }]);
});

test.for([
  ['the line of a master', formatHop({ host: 'master.lan', data: [1, 2], join: [3, 4], curve: key(1) })],
  ['a damaged line', line.slice(0, -2)],
  ['an invite', 'sealcast1:abc'],
  ['nothing', ''],
] as const)('%s is no relay', ([, wrong]) => {
  using set = relays();
  expect(set.relays.add('barn', wrong, 5000)).toBe('malformed');
  expect(set.relays.list()).toEqual([]);
});

test('a relay that is removed is let in no more, also after a start, and may be added again', () => {
  using set = relays();
  set.relays.add('barn', line, 5000);
  const [relay] = set.relays.list();
  expect(set.relays.remove(relay?.id ?? '', 6000)).toBe(up);
  expect(set.relays.remove(relay?.id ?? '', 6000)).toBeUndefined();
  expect([set.relays.admits(up), new Relays(set.scratch.store, new KeptOutKeys()).admits(up)]).toEqual([false, false]);
  expect([set.relays.list(), set.relays.hop(relay?.id ?? '')]).toEqual([[], undefined]);
  expect(set.relays.add('the barn', line, 7000)).toMatchObject({ id: relay?.id, name: 'the barn', addedAt: 7000 });
  expect(new Relays(set.scratch.store, new KeptOutKeys()).admits(up)).toBe(true);
});

test('since when a relay is connected is known, and since when not, also after a start', () => {
  using set = relays();
  const { id = '' } = Object(set.relays.add('barn', line, 5000));
  const shown = (all = set.relays) => all.list().map(({ connected, since }) => [connected, since]);
  const other = key(9).toString('hex');
  expect(set.relays.see(new Set([other]), 6000)).toEqual({ came: [], went: [] });
  expect(shown()).toEqual([[false, null]]);
  expect(set.relays.see(new Set([other, up]), 7000)).toEqual({ came: [id], went: [] });
  expect(set.relays.see(new Set([up]), 8000)).toEqual({ came: [], went: [] });
  expect(shown()).toEqual([[true, 7000]]);
  set.relays.saveLastSeen(9000);
  const restarted = new Relays(set.scratch.store, new KeptOutKeys());
  expect(shown(restarted)).toEqual([[false, 9000]]);
  expect(set.relays.see(new Set(), 10_000)).toEqual({ came: [], went: [id] });
  expect(shown()).toEqual([[false, 10_000]]);
});

test('a relay that is removed while it is connected, and added again, is a new one', () => {
  using set = relays();
  const { id = '' } = Object(set.relays.add('barn', line, 5000));
  set.relays.see(new Set([up]), 6000);
  set.relays.remove(id, 7000);
  expect(set.relays.see(new Set(), 8000)).toEqual({ came: [], went: [] });
  expect(set.relays.add('barn', line, 9000)).toMatchObject({ connected: false, since: null });
});
