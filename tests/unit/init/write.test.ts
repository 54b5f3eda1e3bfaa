import fs, { mkdtempDisposableSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { finish, finishOver, writeBeside } from '@sealcast/init/write';

const bytes = Buffer.from('new');

function folder() {
  return mkdtempDisposableSync(join(tmpdir(), 'sealcast-write-'));
}

test('a file has no name of its own before it is whole', () => {
  using place = folder();
  const unfinished = writeBeside(join(place.path, 'a'), bytes, 0o640, undefined);
  expect(readdirSync(place.path)).toEqual([expect.stringMatching(/^\.a\.[0-9a-f]{12}\.new$/)]);
  expect(statSync(unfinished).mode & 0o777).toBe(0o640);
  expect(readFileSync(unfinished)).toEqual(bytes);
});

test('finishing gives it its name and leaves nothing else', () => {
  using place = folder();
  const path = join(place.path, 'a');
  finish(writeBeside(path, bytes, 0o600, undefined), path);
  expect(readdirSync(place.path)).toEqual(['a']);
});

test('finishing never takes the place of a file', () => {
  using place = folder();
  const path = join(place.path, 'a');
  const unfinished = writeBeside(path, bytes, 0o600, undefined);
  writeFileSync(path, 'old');
  expect(() => finish(unfinished, path)).toThrow('was made by somebody else meanwhile');
  expect(readFileSync(path, 'utf8')).toBe('old');
});

test('finishing does not follow a symbolic link', () => {
  using place = folder();
  const path = join(place.path, 'a');
  const unfinished = writeBeside(path, bytes, 0o600, undefined);
  symlinkSync(join(place.path, 'elsewhere'), path);
  expect(() => finish(unfinished, path)).toThrow('was made by somebody else meanwhile');
  expect(readdirSync(place.path)).not.toContain('elsewhere');
});

test('a list takes the place of the one that it was made from', () => {
  using place = folder();
  const path = join(place.path, 'a');
  writeFileSync(path, 'old');
  finishOver(writeBeside(path, bytes, 0o600, undefined), path, Buffer.from('old'));
  expect(readFileSync(path)).toEqual(bytes);
  expect(readdirSync(place.path)).toEqual(['a']);
});

test('a list that somebody else has changed meanwhile stays theirs', () => {
  using place = folder();
  const path = join(place.path, 'a');
  writeFileSync(path, 'theirs');
  const unfinished = writeBeside(path, bytes, 0o600, undefined);
  expect(() => finishOver(unfinished, path, Buffer.from('old'))).toThrow('was changed by somebody else meanwhile');
  expect(readFileSync(path, 'utf8')).toBe('theirs');
});

/** Writes down what is called of node:fs until it is disposed of. */
function listen(): Disposable & { calls: string[] } {
  const names = ['writeFileSync', 'fsyncSync', 'linkSync', 'renameSync'] as const;
  const calls: string[] = [];
  const real = Object.fromEntries(names.map((name) => [name, fs[name]]));
  for (const name of names)
    Object.assign(fs, {
      [name]: (...args: unknown[]) => {
        calls.push(name);
        return Reflect.apply(real[name] as () => unknown, fs, args);
      },
    });
  syncBuiltinESMExports();
  return {
    calls,
    [Symbol.dispose]: () => {
      Object.assign(fs, real);
      syncBuiltinESMExports();
    },
  };
}

test('bytes are on disk before they have their name, and the name before init goes on', () => {
  using place = folder();
  const path = join(place.path, 'a');
  using heard = listen();
  finish(writeBeside(path, bytes, 0o600, undefined), path);
  finishOver(writeBeside(path, bytes, 0o600, undefined), path, bytes);
  expect(heard.calls).toEqual([
    'writeFileSync',
    'fsyncSync',
    'linkSync',
    'fsyncSync',
    'writeFileSync',
    'fsyncSync',
    'renameSync',
    'fsyncSync',
  ]);
});
