import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { documented } from '../documents/commands.ts';

const root = join(import.meta.dirname, '../..');
const started: ChildProcess[] = [];
let folder = '';

// What the demo leaves in the temporary folder is looked at, so it gets one of its own.
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-test-'));
});
afterEach(async () => {
  for (const child of started.splice(0)) {
    if (child.exitCode !== null) continue;
    child.kill('SIGINT');
    await ended(child);
  }
  rmSync(folder, { recursive: true, force: true });
});

/** The programs that were started for this test, by their settings. */
function programsOf(path: string): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => spawnSync('grep', ['-qas', path, `/proc/${pid}/environ`]).status === 0 && pid !== process.pid);
}

function start(...args: string[]): {
  child: ChildProcess;
  line: (wanted: string) => Promise<string>;
  all: () => string;
} {
  const child = spawn(process.execPath, ['scripts/demo.ts', ...args], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
  });
  started.push(child);
  const lines: string[] = [];
  const watchers = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line);
      for (const watcher of watchers) watcher();
    });
  const line = async (wanted: string): Promise<string> =>
    await new Promise((resolve, reject) => {
      const look = (): void => {
        const found = lines.find((text) => text.includes(wanted));
        if (found !== undefined) resolve(found);
      };
      watchers.add(look);
      child.once('close', () => reject(new Error(`no line with "${wanted}" in:\n${lines.join('\n')}`)));
      look();
    });
  return { child, line, all: () => lines.join('\n') };
}

async function ended(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null) return child.exitCode;
  return await new Promise((resolve) => child.once('close', resolve));
}

beforeAll(() => {
  const { status, stderr } = spawnSync('npm', ['run', '--silent', 'build'], { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(stderr);
});

test('demo --check ends with one line of figures and leaves nothing behind', () => {
  const { status, stdout, stderr } = spawnSync('sh', ['-ec', documented('README.md', './scripts/demo --check')], {
    encoding: 'utf8',
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
  });
  expect(stderr).not.toContain('failed');
  expect(stdout).toMatch(
    /^demo: 3 nodes reported after \d+\.\d s; a broadcast was confirmed by 3 in \d+ ms; resident memory: master \d+ MB, node \d+ MB\n$/,
  );
  expect(status).toBe(0);
  expect(readdirSync(folder).filter((name) => name.startsWith('sealcast'))).toEqual([]);
  expect(programsOf(folder)).toEqual([]);
});

test('demo says where the page is, stops all of it at Ctrl-C, and starts again on the same data', async () => {
  const data = join(folder, 'data');
  for (const time of ['first', 'second']) {
    const { child, line, all } = start('--data', data);
    await line('Ctrl-C');
    const url = /http:\S+/.exec(all())?.[0] ?? '';
    expect((await fetch(url)).status).toBe(200);
    expect(programsOf(data)).toHaveLength(4);
    child.kill('SIGINT');
    expect({ time, code: await ended(child), said: all() }).toMatchObject({ time, code: 0 });
    expect(programsOf(data)).toEqual([]);
  }
});

test('demo ends with the reason and the last lines of the program that failed', async () => {
  const data = join(folder, 'data');
  const { child, line } = start('--data', data);
  await line('Ctrl-C');
  const [victim = 0] = programsOf(join(data, 'demo-2'));
  process.kill(victim, 'SIGKILL');
  await line('demo-2 ended with signal SIGKILL');
  expect(await ended(child)).toBe(1);
  expect(programsOf(data)).toEqual([]);
});

test('demo ends with the reason when the keys are not what init made', async () => {
  const data = join(folder, 'data');
  mkdirSync(join(data, 'keys'), { recursive: true });
  writeFileSync(join(data, 'keys/transport.pem'), 'not a key\n');
  const { child, line } = start('--data', data);
  await line('init ended with exit code 1');
  await line('transport.pem');
  expect(await ended(child)).toBe(1);
});
