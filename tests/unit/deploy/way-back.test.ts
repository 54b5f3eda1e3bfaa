// How the program that installs a node goes back to the one that was there before, in a real shell; of systemd it is heard what it is asked.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { installProgram } from '../../../scripts/install-files.ts';

const archive = { hash: 'a'.repeat(64), size: 5 };
// All of it but the last lines, which do what the arguments say.
const functions = installProgram({ x64: archive, arm64: archive }).replace(/\ncase \$\{1:-\} in\n[^]*$/, '\n');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sealcast-way-back-'));
  for (const name of ['program', 'settings', 'state']) mkdirSync(join(folder, name));
  for (const name of ['program/version', 'settings/invite', 'unit']) writeFileSync(join(folder, name), 'old\n');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** An installation that has put the new program in its place, and then meets `end`. */
function upThen(end: string): string {
  return `${functions}
program=${folder}/program settings=${folder}/settings state=${folder}/state unit=${folder}/unit
way=service new='' joined='' undo='' back='' held='' made='' owner=''
has_docker() { return 1; }
remove_service() { echo 'remove' >>${folder}/asked; }
systemctl() {
  echo "$1" >>${folder}/asked
  [ -z "$again" ] || kill -s "$again" $$
}
again=''
open_work
hold_old
mkdir "$work/new"
echo new >"$work/new/version"
put_program
for file in "$settings/invite" "$unit"; do echo new >"$file"; done
${end}
`;
}

/** Its exit code. */
function run(script: string): number | null {
  const file = join(folder, 'setup');
  writeFileSync(file, script);
  return spawnSync('sh', [file]).status;
}

function expectTheOldOne(): void {
  for (const name of ['program/version', 'settings/invite', 'unit'])
    expect([name, readFileSync(join(folder, name), 'utf8')]).toEqual([name, 'old\n']);
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toBe('stop\nstop\ndaemon-reload\nstart\n');
  expect(readdirSync(folder).toSorted()).toEqual(['asked', 'program', 'settings', 'setup', 'state', 'unit']);
}

test.each(['HUP', 'INT', 'TERM'])('after SIG%s, and more of them meanwhile, the old node goes on', (signal) => {
  expect(run(upThen(`again=${signal}; kill -s ${signal} $$; sleep 60`))).toBe(1);
  expectTheOldOne();
});

test('where nothing can be said any more, as on a terminal that is gone, the old node goes on', () => {
  expect(run(upThen('exec >/dev/full 2>&1; kill -s HUP $$; sleep 60'))).toBe(1);
  expectTheOldOne();
});

test('where nobody hears it any more, as over a connection that is gone, the old node goes on', () => {
  const unheard = `mkfifo ${folder}/pipe; exec 3<>${folder}/pipe >${folder}/pipe 2>&1 3<&-; rm ${folder}/pipe`;
  expect(run(upThen(`${unheard}; say waiting; sleep 60`))).toBe(1);
  expectTheOldOne();
});

test('a step back that fails keeps none of the others from being done', () => {
  expect(run(upThen(`systemctl() { echo "$1" >>${folder}/asked; return 1; }; exit 1`))).toBe(1);
  expectTheOldOne();
});
