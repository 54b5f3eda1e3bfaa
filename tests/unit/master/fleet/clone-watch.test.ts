import { CloneWatch } from '@sealcast/master/fleet/clone-watch';
import { expect, test } from 'vitest';

const node = '11'.repeat(16);

test('nobody is held out of a node that runs once', () => {
  const watch = new CloneWatch();
  watch.tried(node);
  expect(watch.isHeldOut(node, 'a')).toBe(false);
  expect(watch.of(node)).toBeNull();
});

test('of a cloned node every instance is held out but the one that stays, and its tries are counted', () => {
  const watch = new CloneWatch();
  watch.found(node, 'a', 5000);
  expect(['a', 'b', 'c'].map((instance) => watch.isHeldOut(node, instance))).toEqual([false, true, true]);
  watch.tried(node);
  watch.tried(node);
  expect(watch.of(node)).toEqual({ since: 5000, tries: 2 });
  expect(watch.isHeldOut('22'.repeat(16), 'b')).toBe(false);
});

test('once it is over every instance may come', () => {
  const watch = new CloneWatch();
  watch.found(node, 'a', 5000);
  expect([watch.forget(node), watch.forget(node)]).toEqual([true, false]);
  expect(watch.isHeldOut(node, 'b')).toBe(false);
  expect(watch.of(node)).toBeNull();
});
