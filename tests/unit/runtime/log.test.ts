import { createLog } from '@sealcast/runtime/log';
import { terminalLine } from '@sealcast/runtime/terminal-line';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { promisify, stripVTControlCharacters } from 'node:util';
import { expect, test } from 'vitest';

function written(act: (log: ReturnType<typeof createLog>) => void): string {
  let text = '';
  act(createLog('node', 'info', { write: (line) => (text += line) }));
  return text;
}

test('a line is one object of JSON, with its level as a word and its time as ISO 8601', () => {
  const line = written((log) => log.info({ host: 'master.lan' }, 'joined the master'));
  expect(line.trim().split('\n')).toHaveLength(1);
  expect(JSON.parse(line)).toMatchObject({ level: 'info', part: 'node', host: 'master.lan', msg: 'joined the master' });
  expect(JSON.parse(line).time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
});

test('what is below the level is not written', () => {
  expect(written((log) => log.debug('quiet'))).toBe('');
});

test.each(['password', 'cookie', 'authorization', 'invite'])('a %s is left out', (key) => {
  const line = written((log) => log.info({ request: { [key]: 'hunter2' } }, 'x'));
  expect(line).not.toContain('hunter2');
  expect(line).toContain('(left out)');
});

test('on a terminal a line is laid out for people', () => {
  const line = written((log) => log.warn({ reason: 'no answer' }, 'the link is lost'));
  expect(stripVTControlCharacters(terminalLine(line))).toMatch(
    /^\d\d:\d\d:\d\d WARN {2}node: the link is lost {2}reason="no answer"\n$/,
  );
});

test('an error on a terminal shows where it came from', () => {
  const line = written((log) => log.error({ err: new Error('broken') }, 'a message could not be handled'));
  expect(terminalLine(line)).toContain('Error: broken\n    at ');
});

test('nothing in a message moves the cursor', () => {
  const line = written((log) => log.info({ text: '\u001b[2J' }, 'a\u001b[2Jb\u0007c'));
  const plain = stripVTControlCharacters(terminalLine(line));
  expect(plain).toContain('node: abc');
  expect(plain).not.toMatch(/[^\P{Cc}\n]/u);
});

// A node has no memory for the stream and for the network below it.
test('standard output is written to without the stream that Node would make of it', async () => {
  const program = `
    Object.defineProperty(process, 'stdout', { get: () => { throw new Error('the stream is made'); } });
    const { createLog } = await import('@sealcast/runtime/log');
    createLog('node', 'info').info('joined the master');
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(JSON.parse(stdout)).toMatchObject({ part: 'node', msg: 'joined the master' });
});

test('a reader that goes away ends nothing', async () => {
  const program = `
    const { createLog } = await import('@sealcast/runtime/log');
    process.stdin.once('data', () => {
      createLog('node', 'info').info('joined the master');
      console.error('still there');
      process.exit();
    });
  `;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program]);
  child.stdout.destroy();
  await once(child.stdout, 'close');
  child.stdin.end('go on');
  const said = child.stderr.toArray();
  expect(await once(child, 'close')).toEqual([0, null]);
  expect(String(await said)).toBe('still there\n');
});

test('a line longer than a pipe takes comes whole', async () => {
  const program = `
    const { createLog } = await import('@sealcast/runtime/log');
    createLog('node', 'info').info('x'.repeat(300_000));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', program]);
  expect(JSON.parse(stdout).msg).toHaveLength(300_000);
});
