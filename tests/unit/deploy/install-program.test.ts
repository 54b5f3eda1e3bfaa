import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installProgram } from '../../../scripts/install-files.ts';

const program = installProgram({
  x64: { hash: 'a'.repeat(64), size: 5 },
  arm64: { hash: 'b'.repeat(64), size: 7 },
});
const image =
  readFileSync(join(import.meta.dirname, '../../../Dockerfile.node'), 'utf8')
    .split(/^FROM /m)
    .at(-1) ?? '';

const words = (list: unknown): unknown[] => (Array.isArray(list) ? list.slice(1) : []);
const health = (text: string) => /HEALTHCHECK (.+?) +CMD \["(?:\/usr\/bin\/)?(.+?)"\]/.exec(text)?.slice(1);

test('the program is one that a shell can read, and says what it does to who asks', () => {
  const help = execFileSync('sh', ['-s', '--', '--help'], { input: program, encoding: 'utf8' });
  expect(help).toMatch(/^ {2}setup FROM \[--service \| --container\]/m);
  expect(help).toMatch(/^ {2}setup remove/m);
});

test('the program pins both archives, and nothing in it is left to be filled in but the way to node', () => {
  expect(program).toContain(`\narchive_x64=${'a'.repeat(64)}\narchive_arm64=${'b'.repeat(64)}\n`);
  expect(program).toContain('\nsize_x64=5\nsize_arm64=7\n');
  expect(program.match(/@[a-z]\w*@/g)).toEqual(['@node@', '@node@']);
});

test('a node that it installs starts as the one of the image does', () => {
  const entry: unknown = JSON.parse(/^ENTRYPOINT (.+)$/m.exec(image)?.[1] ?? '');
  const imported: unknown = JSON.parse(/--change 'ENTRYPOINT (.+?)'/.exec(program)?.[1] ?? '');
  expect(words(imported)).toEqual(words(entry));
  const service = /^ExecStart=@node@ (.+)$/m.exec(program)?.[1]?.split(' ');
  expect(service?.slice(0, -1)).toEqual(words(entry).slice(0, -1));
  const settings = [...image.matchAll(/^(?:ENV)? +((?:NODE|MALLOC|UV)\w+=\w+)/gm)]
    .map(([, setting]) => setting)
    .join(' ');
  expect(program).toContain(`Environment=${settings}\n`);
  expect(program).toContain(`'ENV ${settings} live_file=/tmp/sealcast-live'`);
  expect(health(program)).toEqual(health(image));
});

test('what the line fetches has room in what it takes', () => {
  expect(Buffer.byteLength(program)).toBeLessThan(0.5 * 128 * 512);
});
