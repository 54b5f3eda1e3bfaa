import { expect, test } from 'vitest';
import { addressGroup } from '../../../../services/master/src/http/address-group.ts';
import { SignInLimits } from '../../../../services/master/src/http/sign-in-limits.ts';

const now = 1_000_000;

let addresses = 0;

/** Tries, each from an address of its own, until one has to wait. Gives the milliseconds. */
function waitForName(limits: SignInLimits, name: string, nowMs: number): number {
  for (let tries = 0; tries < 100; tries += 1) {
    addresses += 1;
    const wait = limits.take(`2001:db8:0:${addresses.toString(16)}::1`, name, nowMs);
    if (wait > 0) return wait;
  }
  return 0;
}

test('tries for one name from many addresses have to wait', () => {
  const limits = new SignInLimits();
  expect(waitForName(limits, 'admin', now)).toBe(1000);
});

test('a name that is not there has to wait like one that is', () => {
  const limits = new SignInLimits();
  expect(waitForName(limits, 'nobody', now)).toBe(1000);
});

test('waits double up to fifteen minutes for an address', () => {
  const limits = new SignInLimits();
  let nowMs = now;
  let wait = 0;
  const waits: number[] = [];
  for (let tries = 0; tries < 20; tries += 1) {
    wait = limits.take('192.0.2.1', `name ${tries}`, nowMs);
    expect(wait).toBe(0);
    wait = limits.take('192.0.2.1', `other ${tries}`, nowMs);
    if (wait > 0) waits.push(wait / 1000);
    nowMs += wait;
  }
  expect(waits.slice(0, 5)).toEqual([1, 2, 4, 8, 16]);
  expect(Math.max(...waits)).toBe(900);
});

test('waits for a name never grow beyond half a minute', () => {
  const limits = new SignInLimits();
  let nowMs = now;
  let longest = 0;
  for (let tries = 0; tries < 50; tries += 1) {
    const wait = waitForName(limits, 'admin', nowMs);
    longest = Math.max(longest, wait);
    nowMs += wait;
  }
  expect(longest).toBe(30_000);
});

test('whoever signed in from an address is not kept out by tries from elsewhere', () => {
  const limits = new SignInLimits();
  limits.take('198.51.100.1', 'admin', now);
  limits.succeeded('198.51.100.1', 'admin');
  expect(waitForName(limits, 'admin', now)).toBeGreaterThan(0);
  expect(limits.take('198.51.100.1', 'admin', now)).toBe(0);
  expect(limits.take('198.51.100.2', 'admin', now)).toBeGreaterThan(0);
});

test('an address that signed in before still has to wait for its own tries', () => {
  const limits = new SignInLimits();
  limits.succeeded('192.0.2.1', 'admin');
  const waits = Array.from({ length: 6 }, () => limits.take('192.0.2.1', 'admin', now));
  expect(waits).toEqual([0, 0, 0, 0, 0, 1000]);
});

test('who signs in takes back that try alone, so that an account of its own gains nobody further tries at another', () => {
  const limits = new SignInLimits();
  const guess = () => limits.take('192.0.2.1', 'admin', now);
  const waits = [guess(), guess(), guess(), guess()];
  for (let times = 0; times < 3; times += 1) {
    expect(limits.take('192.0.2.1', 'mallory', now)).toBe(0);
    limits.succeeded('192.0.2.1', 'mallory');
  }
  waits.push(guess(), guess());
  expect(waits).toEqual([0, 0, 0, 0, 0, 1000]);
});

test('tries are forgotten after an hour', () => {
  const limits = new SignInLimits();
  for (let tries = 0; tries < 5; tries += 1) limits.take('192.0.2.1', `name ${tries}`, now);
  expect(limits.take('192.0.2.1', 'name', now)).toBe(1000);
  const later = now + 3_600_000;
  const waits = Array.from({ length: 5 }, (_, index) => limits.take('192.0.2.1', `later ${index}`, later));
  expect(waits).toEqual([0, 0, 0, 0, 0]);
});

test('no more than ten thousand addresses are remembered', () => {
  const limits = new SignInLimits();
  const wait = () => limits.take('192.0.2.1', 'admin', now);
  // From here on only the address can make it wait.
  limits.succeeded('192.0.2.1', 'admin');
  for (let tries = 0; tries < 5; tries += 1) wait();
  const tryOthers = (from: number, to: number) => {
    for (let count = from; count < to; count += 1) limits.take(`2001:db8:0:${count.toString(16)}::1`, `${count}`, now);
  };
  tryOthers(0, 9000);
  expect(wait()).toBe(1000);
  // Some have to wait for their name, and are not remembered.
  tryOthers(9000, 30_000);
  expect(wait()).toBe(0);
});

test('a time to wait does not grow by asking during it', () => {
  const limits = new SignInLimits();
  for (let tries = 0; tries < 5; tries += 1) limits.take('192.0.2.1', `name ${tries}`, now);
  const waits = Array.from({ length: 10 }, () => limits.take('192.0.2.1', 'admin', now + 400));
  expect(new Set(waits)).toEqual(new Set([600]));
});

test('an attacker with a network of addresses is one address', () => {
  const limits = new SignInLimits();
  for (let tries = 0; tries < 5; tries += 1) limits.take(`2001:db8:1:2::${tries}`, `name ${tries}`, now);
  expect(limits.take('2001:db8:1:2:ffff::1', 'admin', now)).toBe(1000);
  expect(limits.take('2001:db8:1:3::1', 'somebody', now)).toBe(0);
});

test.for([
  ['192.0.2.1', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['2001:db8::1', '2001:db8:0:0'],
  ['2001:0DB8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['::1', '0:0:0:0'],
  ['1::', '1:0:0:0'],
  ['fe80::1%eth0', 'fe80:0:0:0'],
] as const)('%s counts as %s', ([address, group]) => {
  expect(addressGroup(address)).toBe(group);
});
