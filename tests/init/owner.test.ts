import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, lstatSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { beforeEach, afterEach, expect, test } from 'vitest';
import { isRoot, Place } from './place.ts';

const other = 1000;
let place: Place;

beforeEach(() => {
  place = new Place();
  chmodSync(place.path, 0o755);
});
afterEach(() => place[Symbol.dispose]());

/** Only root can become somebody else, who must then be able to read this checkout. */
function canBeOther(): boolean {
  if (!isRoot) return false;
  try {
    execFileSync(process.execPath, ['-e', `require('fs').readFileSync(${JSON.stringify(import.meta.filename)})`], {
      uid: other,
      gid: other,
      cwd: '/',
      stdio: 'ignore',
    });
    return true;
  } catch {
    return false;
  }
}

function makeFolders(owner: number): void {
  for (const folder of ['keys', 'tls', 'nodes']) {
    mkdirSync(place.at(folder), { mode: folder === 'nodes' ? 0o755 : 0o700 });
    chownSync(place.at(folder), owner, owner);
  }
}

function owners(): string[] {
  const names = readdirSync(place.path, { recursive: true, encoding: 'utf8' });
  expect(names.length).toBeGreaterThanOrEqual(23);
  return [...new Set(names.map((name) => lstatSync(place.at(name))).map(({ uid, gid }) => `${uid}:${gid}`))];
}

test.runIf(isRoot)('as root, init gives files to the owner of their folder', async () => {
  makeFolders(other);
  expect((await place.init()).code).toBe(0);
  expect(owners()).toEqual([`${other}:${other}`]);
});

test.runIf(isRoot)('as root, init gives files and folders to init_owner', async () => {
  makeFolders(0);
  const { code, stdout } = await place.init({ settings: { init_owner: `${other}:${other}` } });
  expect(code).toBe(0);
  expect(owners()).toEqual([`${other}:${other}`]);
  expect(stdout).toContain('21 made, 3 mended');
});

test.runIf(isRoot)("as root, init mends a file's owner", async () => {
  makeFolders(other);
  await place.init();
  chownSync(place.at('keys/signing.pem'), 0, 0);
  const { stdout } = await place.init();
  expect(owners()).toEqual([`${other}:${other}`]);
  expect(stdout.replaceAll(/\s+/g, ' ')).toContain('mended 0600 was owned by 0:0; SHA-256');
});

test.runIf(canBeOther())('as a user who may not write there, init says so and what to do', async () => {
  makeFolders(0);
  for (const folder of ['keys', 'tls']) chmodSync(place.at(folder), 0o755);
  const before = place.snapshot();
  const { code, stderr } = await place.init({ uid: other });
  expect(code).toBe(1);
  for (const folder of ['keys', 'tls', 'nodes'])
    expect(stderr).toContain(`As root, run: chown ${other}:${other} ${place.at(folder)}`);
  expect(stderr).toContain(`As its owner or as root, run: chmod 0700 ${place.at('keys')}`);
  expect(place.snapshot()).toEqual(before);
});

test.runIf(canBeOther())('as a user who may not make the folders, init says so', async () => {
  const { code, stderr } = await place.init({ uid: other });
  expect(code).toBe(1);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
    `${place.at('keys')} cannot be made: ${place.path} cannot be written by ${other}:${other}`,
  );
  expect(readdirSync(place.path)).toEqual([]);
});

test.runIf(canBeOther())("another user's private key is a fault: it cannot be read", async () => {
  makeFolders(other);
  await place.init();
  chownSync(place.at('keys/signing.pem'), 0, 0);
  const before = place.snapshot();
  const { code, stderr } = await place.init({ uid: other });
  expect(code).toBe(1);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain(
    `${place.at('keys/signing.pem')} cannot be read by ${other}:${other}, who runs init (EACCES).`,
  );
  expect(place.snapshot()).toEqual(before);
});

test.runIf(canBeOther())("another user's file with a wrong mode is a fault: it cannot be mended", async () => {
  makeFolders(other);
  await place.init();
  chownSync(place.at('keys/signing.pub'), 0, 0);
  chmodSync(place.at('keys/signing.pub'), 0o644);
  const { code, stderr } = await place.init({ uid: other });
  expect(code).toBe(1);
  expect(stderr.replaceAll(/\s+/g, ' ')).toContain('has the mode 0644 and belongs to 0:0; 1000:1000 cannot mend it.');
  expect(statSync(place.at('keys/signing.pub')).mode & 0o777).toBe(0o644);
});

test.runIf(canBeOther())('init_owner needs root', async () => {
  chownSync(place.path, other, other);
  const { code, stderr } = await place.init({ uid: other, settings: { init_owner: '5:5' } });
  expect(code).toBe(1);
  expect(stderr).toContain('is 5:5, but init runs as 1000:1000, who cannot give files away.');
});

test.runIf(canBeOther())('as an ordinary user in a folder of their own, init makes everything', async () => {
  chownSync(place.path, other, other);
  const settings = { init_owner: `${other}:${other}` };
  expect((await place.init({ uid: other, settings })).code).toBe(0);
  expect(owners()).toEqual([`${other}:${other}`]);
});
