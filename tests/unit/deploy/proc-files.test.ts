import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installProgram } from '../../../scripts/install-files.ts';
import { procFiles, rareProcFiles } from '../../../scripts/proc-files.ts';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const composeFiles = ['deploy/compose.host.yml', 'deploy/pi/compose.yml'];
const archive = { hash: 'a'.repeat(64), size: 1 };

/** What a node on the machine itself reads, or one in a container finds in another file too. */
const notBound = ['net/dev', 'net/${name}', 'self/mountinfo', 'device-tree', 'sys/kernel/arch'];

test('what the harvest reads of /proc is bound, or is found without', () => {
  const folder = 'services/node/src/harvest';
  const found = readdirSync(join(root, folder)).flatMap((file) =>
    [...read(`${folder}/${file}`).matchAll(/oot\}\/proc\/([^`]+)`/g)].map(([, path = '']) => path),
  );
  expect(found.length).toBeGreaterThan(procFiles.length);
  const bound = [...procFiles, ...rareProcFiles];
  const missing = found.filter((path) => !bound.some((one) => path === one || path.startsWith(`${one}/`)));
  expect([...new Set(missing)].toSorted()).toEqual(notBound.toSorted());
  expect(procFiles.filter((one) => !found.some((path) => path === one || path.startsWith(`${one}/`)))).toEqual([]);
});

test.each(composeFiles)('%s binds those files of /proc, read-only, and nothing else of it', (file) => {
  const bound = [...read(file).matchAll(/^ +- (\/proc\S*)$/gm)].map(([, line]) => line);
  expect(bound).toEqual(procFiles.map((path) => `/proc/${path}:/host/proc/${path}:ro`));
});

test('the program that installs a node binds those that the machine has', () => {
  const program = installProgram({ x64: archive, arm64: archive });
  const list = /^ {2}for path in (.*); do\n.*"\$\(shown "\/proc\/\$path"\)"$/m.exec(program)?.[1]?.split(' ');
  expect(list).toEqual([...procFiles, ...rareProcFiles]);
});

test('nothing binds the whole of /proc', () => {
  const files = [
    'docker-compose.yml',
    ...composeFiles,
    ...readdirSync(join(root, 'deploy/install')).map((name) => `deploy/install/${name}`),
    'services/master/src/install/node-line.ts',
  ];
  expect(files.filter((file) => /\/proc\/?:|(src|source)=\/proc\/?[,"\s]|"\/proc"/.test(read(file)))).toEqual([]);
});
