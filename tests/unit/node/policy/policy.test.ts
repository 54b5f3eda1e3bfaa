import { factsSchema } from '@sealcast/channel/payloads';
import { allows, type Ordered, parsePolicy, toldOf } from '@sealcast/node/policy/policy';
import * as v from 'valibot';
import { expect, test } from 'vitest';

const run = (program: string, ...args: string[]): Ordered => ({ type: 'run', program, arguments: args });
const orders: Record<string, Ordered> = {
  text: { type: 'text' },
  interval: { type: 'interval' },
  rotate: { type: 'rotate' },
  run: run('/bin/true'),
};

function allowed(text: string): string[] {
  const policy = parsePolicy(text);
  return Object.entries(orders).flatMap(([name, order]) => (allows(policy, order) ? [name] : []));
}

test.each([
  ['', ['text', 'interval']],
  ['level observe\n', ['text', 'interval']],
  ['level operate\n', ['text', 'interval', 'rotate']],
  ['level admin\n', ['text', 'interval', 'rotate', 'run']],
  ['level admin', ['text', 'interval', 'rotate', 'run']],
  ['# what the master may order\n\n  \nlevel operate\n#level admin\n', ['text', 'interval', 'rotate']],
  ['allow rotate\n', ['text', 'interval', 'rotate']],
  ['allow run /bin/true\nlevel observe\n', ['text', 'interval', 'run']],
  ['allow text\nallow interval\n', ['text', 'interval']],
])('the policy %j allows %j', (text, expected) => {
  expect(allowed(text)).toEqual(expected);
});

test('a program is allowed with the arguments that stand behind it, and with no others', () => {
  const policy = parsePolicy('allow run /usr/bin/systemctl restart nginx\nallow run /usr/bin/uptime\n');
  expect(allows(policy, run('/usr/bin/systemctl', 'restart', 'nginx'))).toBe(true);
  expect(allows(policy, run('/usr/bin/uptime'))).toBe(true);
  for (const other of [
    run('/usr/bin/systemctl'),
    run('/usr/bin/systemctl', 'restart'),
    run('/usr/bin/systemctl', 'restart', 'nginx', 'ssh'),
    run('/usr/bin/systemctl', 'nginx', 'restart'),
    run('/usr/bin/uptime', '-p'),
    run('/usr/bin/Uptime'),
    run('/usr/bin/../bin/uptime'),
  ])
    expect(allows(policy, other)).toBe(false);
});

test('an argument that holds a space is none of two that are allowed', () => {
  const policy = parsePolicy('allow run /usr/bin/systemctl restart nginx\nallow run /usr/bin/uptime\n');
  expect(allows(policy, run('/usr/bin/systemctl', 'restart nginx'))).toBe(false);
  expect(allows(policy, run('/usr/bin/systemctl restart nginx'))).toBe(false);
  expect(allows(policy, run('/usr/bin/uptime', ''))).toBe(false);
});

test.each([
  ['level', 'line 1 names no level; write one of: level observe, level operate, level admin'],
  ['level root', 'line 1 names no level'],
  ['level Admin', 'line 1 names no level'],
  ['level operate admin', 'line 1 names no level'],
  ['level observe\nlevel admin', 'line 2 sets the level again; write one line that does'],
  ['level admin\nlevel admin', 'line 2 sets the level again'],
  ['admin', 'line 1 is "admin"; write "level observe"'],
  ['Level admin', 'line 1 is "Level admin"; write'],
  ['level=admin', 'line 1 is "level=admin"; write'],
  ['level  admin', 'line 1 holds a space too many; write one space'],
  [' level admin', 'line 1 holds a space too many'],
  ['level admin ', 'line 1 holds a space too many'],
  ['level\tadmin', 'line 1 holds a control character or a tab; write plain text'],
  ['level admin\r\n', 'line 1 holds a control character'],
  ['level operate # for now', 'line 1 holds a comment; write it on a line of its own'],
  ['allow', 'line 1 allows no action that there is; write "allow" and one of text, interval, rotate, run'],
  ['allow reboot', 'line 1 allows no action that there is'],
  ['allow constructor', 'line 1 allows no action that there is'],
  ['allow rotate run', 'line 1 allows no action that there is'],
  ['allow run', 'line 1 allows every program; write "allow run /path/to/program" with its arguments, or "level admin"'],
  ['allow run uptime', 'line 1 names a program without its whole path; write one that begins with a slash'],
  ['\ufefflevel admin', 'line 1 is "\ufefflevel admin"; write'],
])('the policy %j is refused: %s', (text, fault) => {
  expect(() => parsePolicy(text)).toThrow(fault);
});

test('every fault is told at once, with its line', () => {
  expect(() => parsePolicy('level boss\n# fine\nallow run x\nallow rotate\n')).toThrow(
    /^line 1 names no level.*\nline 3 names a program without its whole path[^\n]*$/,
  );
});

test('a policy is told as it stands, and how many of its allowances are not', () => {
  expect(toldOf(parsePolicy(''))).toEqual({ level: 'observe', allowed: [], more: 0 });
  const policy = parsePolicy('allow run /bin/echo küche\nlevel operate\nallow rotate\nallow run /bin/true\n');
  expect(toldOf(policy)).toEqual({
    level: 'operate',
    allowed: ['rotate', 'run /bin/echo küche', 'run /bin/true'],
    more: 0,
  });
});

test('however much a policy allows, what is told of it fits', () => {
  const fits = `run /${'ü'.repeat(125)}x`;
  const allowances = [`${fits}x`, fits, ...Array.from({ length: 70 }, (_, index) => `run /bin/echo ${index}`)];
  const told = toldOf(parsePolicy(allowances.map((each) => `allow ${each}`).join('\n')));
  expect(v.parse(factsSchema.entries.policy, told)).toEqual(told);
  expect(told).toEqual({ level: 'observe', allowed: allowances.slice(1, 65), more: 8 });
});
