import { beforeEach, describe, expect, it } from 'vitest';
import { ExpiringMap } from '@sealcast/channel/expiring-map';

let ended: number[];
let map: ExpiringMap<number>;
beforeEach(() => {
  ended = [];
  map = new ExpiringMap<number>(3, 100, (entry) => ended.push(entry));
});

describe('an expiring map', () => {
  it('keeps each entry for its time, and ends it then', () => {
    map.add('a', 1, 0);
    map.add('b', 2, 50);
    map.dropExpired(99);
    expect(map.find('a')).toBe(1);
    map.dropExpired(100);
    expect(map.find('a')).toBeUndefined();
    expect(map.find('b')).toBe(2);
    expect(ended).toEqual([1]);
  });

  it('drops the oldest above its size, and says which', () => {
    for (const [index, key] of ['a', 'b', 'c'].entries()) expect(map.add(key, index, 0)).toBeUndefined();
    expect(map.add('d', 3, 0)).toBe(0);
    expect(map.size).toBe(3);
    expect(map.find('a')).toBeUndefined();
    expect(ended).toEqual([0]);
  });

  it('does not end what is removed', () => {
    map.add('a', 1, 0);
    map.remove('a');
    map.dropExpired(1000);
    expect(map.size).toBe(0);
    expect(ended).toEqual([]);
  });
});
