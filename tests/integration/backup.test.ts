// A fleet of processes: backed up while it runs, and put back elsewhere.
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { placeOf } from '@sealcast/cli/backup/place';
import { restoreBackup } from '@sealcast/cli/backup/restore';
import { opened } from '@sealcast/cli/backup/sealed-file';
import { verifyBackup } from '@sealcast/cli/backup/verify';
import type { History, NodeView } from '@sealcast/master/fleet/views';
import { Decrypter, Encrypter } from 'age-encryption';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { type Ended, sealcast as commandLine, sealcastProcess } from '../stack/command-line.ts';
import { ServiceProcess } from '../stack/service-process.ts';
import { Stack } from '../stack/stack.ts';

const passphrase = 'correct horse battery staple';

let stack: Stack;
/** Two nodes were members when it was taken, one of them was removed since. */
let backup: string;
let passphraseFile: string;
let taken: Ended;

/** Beside `place`. */
function sealcast(place: Record<string, string>, ...args: string[]): Promise<Ended> {
  return commandLine({ HOME: stack.folder, ...place }, [...args, '--passphrase-file', passphraseFile]);
}

const beside = () => ({ ...stack.ports, keys_dir: stack.keys, data_dir: join(stack.folder, 'data') });

/** A place of its own, with nothing in it. */
function elsewhere(name: string): Record<string, string> & { keys_dir: string; data_dir: string } {
  const folder = join(stack.folder, name);
  return { ...stack.ports, keys_dir: join(folder, 'keys'), data_dir: join(folder, 'data') };
}

const filesBelow = (folder: string) =>
  existsSync(folder) ? readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile()) : [];

/** Each file with its bytes, to be compared. */
function contents(folder: string): Record<string, string> {
  return Object.fromEntries(
    filesBelow(folder).map((one) => {
      const path = join(one.parentPath, one.name);
      return [path, readFileSync(path).toString('base64')];
    }),
  );
}

beforeAll(async () => {
  stack = await Stack.start({ invites: 3, master: { report_interval: '1' } });
  const admin = await stack.signIn();
  stack.startNode('kept', 1);
  stack.startNode('removed', 2);
  await admin.nodesWhen((nodes) => nodes.filter(({ sample }) => (sample?.number ?? 0) >= 2).length === 2);
  await admin.confirmed((await admin.broadcast('before the backup')).id);
  backup = join(stack.folder, 'fleet.backup');
  passphraseFile = join(stack.folder, 'passphrase');
  writeFileSync(passphraseFile, `${passphrase}\n`, { mode: 0o600 });
  taken = await sealcast(beside(), 'backup', '--out', backup);
  return async () => await stack[Symbol.asyncDispose]();
});

describe('a backup', () => {
  test('says what is in it', () => {
    const count = readdirSync(stack.keys).length;
    const err = expect.stringMatching(new RegExp(`^Backed up 2 nodes and ${count} key files: [\\d.]+ KiB\\.\n$`));
    expect(taken).toEqual({ code: 0, out: '', err });
  });

  test('is closed to others, and is a file of age that its own library opens by the passphrase', async () => {
    expect((statSync(backup).mode & 0o777).toString(8)).toBe('600');
    const decrypter = new Decrypter();
    decrypter.addPassphrase(passphrase);
    const tar = Buffer.from(await decrypter.decrypt(readFileSync(backup)));
    expect(tar.subarray(0, 13).toString('latin1')).toBe('manifest.json');
    expect(tar.includes(readFileSync(join(stack.keys, 'signing.pem')))).toBe(true);
  });

  test('leaves nothing beside it, and nothing beside the store', async () => {
    expect(readdirSync(join(stack.folder, 'data')).filter((name) => name.startsWith('.'))).toEqual([]);
    expect(readdirSync(stack.folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('holds none of its secrets in the clear', async () => {
    const bytes = readFileSync(backup);
    for (const name of ['signing.pem', 'transport.pem', 'curve.key', 'admin.json'])
      expect(bytes.includes(readFileSync(join(stack.keys, name)).subarray(0, 40))).toBe(false);
    expect(bytes.includes('SQLite format 3')).toBe(false);
    expect(bytes.includes(passphrase)).toBe(false);
  });

  test('is proved by a drill that leaves everything as it was', async () => {
    const place = elsewhere('drill');
    const scratch = join(stack.folder, 'scratch');
    mkdirSync(scratch);
    const { code, out } = await sealcast(place, 'backup', 'verify', backup, '--scratch', scratch);
    expect(code).toBe(0);
    expect(out).toMatch(/^This backup can be put back\.\n/);
    expect(out).toMatch(/keys +4 pairs, each belongs together\n/);
    expect(out).toMatch(/holds +2 nodes, \d+ samples, 1 order\n/);
    expect(readdirSync(scratch)).toEqual([]);
    expect(existsSync(join(stack.folder, 'drill'))).toBe(false);
  });

  test('names what nodes find the master by', async () => {
    const { code, out } = await sealcast(beside(), 'backup', 'settings', backup);
    expect(code).toBe(0);
    expect(out.split('\n')).toContain('mq_public_host=127.0.0.1');
    expect(out.split('\n')).toContain(`mq_join_sub_port=${stack.ports['mq_join_sub_port']}`);
    expect(out).not.toMatch(/_dir=|server_port=/);
  });

  test('goes to standard output where no file is named, and takes the passphrase from standard input', async () => {
    const args = ['backup', '--passphrase-file', '-'];
    const { code, out, err } = sealcastProcess({ HOME: stack.folder, ...beside() }, args, `${passphrase}\n`);
    expect([code, err]).toEqual([0, expect.stringContaining('Backed up 2 nodes')]);
    const file = join(stack.folder, 'from-output.backup');
    writeFileSync(file, out);
    expect((await sealcast(beside(), 'backup', 'verify', file)).code).toBe(0);
  });

  test('does not take the place of a file that is there', async () => {
    const before = readFileSync(backup);
    const { code, err } = await sealcast(beside(), 'backup', '--out', backup);
    expect([code, err]).toEqual([1, expect.stringContaining('file already exists')]);
    expect(readFileSync(backup).equals(before)).toBe(true);
  });

  test('needs a passphrase of twelve characters, and asks nobody where there is no terminal', async () => {
    const out = join(stack.folder, 'weak.backup');
    const weak = join(stack.folder, 'weak');
    writeFileSync(weak, 'eleven char\n');
    const env = { HOME: stack.folder, ...beside() };
    const short = await commandLine(env, ['backup', '--out', out, '--passphrase-file', weak]);
    expect(short).toMatchObject({ code: 1, err: expect.stringContaining('too short') });
    expect(await commandLine(env, ['backup', '--out', out])).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no terminal to ask at'),
    });
    expect(existsSync(out)).toBe(false);
  });

  test('is not taken of keys that would not start a master', async () => {
    const keys = join(stack.folder, 'broken-keys');
    const out = join(stack.folder, 'broken.backup');
    mkdirSync(keys, { mode: 0o700 });
    for (const name of readdirSync(stack.keys))
      writeFileSync(join(keys, name), readFileSync(join(stack.keys, name)), { mode: 0o600 });
    writeFileSync(join(keys, 'curve.pub'), `${'1'.repeat(40)}\n`, { mode: 0o600 });
    const { code, err } = await sealcast({ ...beside(), keys_dir: keys }, 'backup', '--out', out);
    expect([code, err]).toEqual([1, expect.stringContaining('is not the public half of')]);
    expect(existsSync(out)).toBe(false);
  });
});

const wrong = 'the passphrase is wrong, or the backup is damaged or not whole';
const flipped = (at: number) => (bytes: Buffer) => bytes.with(at < 0 ? bytes.length + at : at, bytes.at(at)! ^ 1);

function sealed(content: string | Uint8Array): () => Promise<Uint8Array> {
  return async () => {
    const encrypter = new Encrypter();
    encrypter.setScryptWorkFactor(10);
    encrypter.setPassphrase(passphrase);
    return await encrypter.encrypt(content);
  };
}

describe('what is no whole backup under this passphrase is refused, and nothing is written', () => {
  const cases: [string, (bytes: Buffer) => Uint8Array | Promise<Uint8Array>, string, string?][] = [
    ['another passphrase', (bytes) => bytes, wrong, 'correct horse battery stable'],
    ['another letter in the salt', (bytes) => bytes.with(35, bytes[35] === 65 ? 66 : 65), wrong],
    ['a byte of the first chunk flipped', flipped(400), wrong],
    ['the last byte flipped', flipped(-1), wrong],
    ['the last byte gone', (bytes) => bytes.subarray(0, -1), wrong],
    // A whole chunk of age: 64 KiB and a tag of 16, behind the header and a nonce of 16.
    ['cut between two chunks', (bytes) => bytes.subarray(0, bytes.indexOf('\n--- ') + 49 + 16 + 65_552), wrong],
    ['a byte more', (bytes) => Buffer.concat([bytes, Buffer.from([0])]), wrong],
    ['nothing at all', () => Buffer.alloc(0), 'this is not a backup: it is no age file'],
    ['some other file', () => Buffer.from('hello, this is a letter\n'), 'this is not a backup: it is no age file'],
    [
      'an age file for a key',
      (bytes) => Buffer.from(bytes.toString('latin1').replace('scrypt', 'X25519'), 'latin1'),
      'this is not a backup: it is not sealed with a passphrase',
    ],
    [
      'one that would take all memory',
      (bytes) => Buffer.from(bytes.toString('latin1').replace(' 10\n', ' 20\n'), 'latin1'),
      'its passphrase has the work factor 20',
    ],
    ['an age file of something else', sealed('hello'), 'the backup is no whole archive'],
    ['a tar that says nothing of itself', sealed(Buffer.alloc(1024)), 'the backup does not say what it holds'],
  ];

  /** The same backup with a passphrase that takes less work. */
  let cheap: Buffer;
  beforeAll(async () => {
    const plain: Uint8Array[] = [];
    for await (const chunk of opened(chunksOf(readFileSync(backup)), passphrase)) plain.push(chunk);
    cheap = Buffer.from(await sealed(Buffer.concat(plain))());
  });

  test('and yet the one that they are made of is taken', async () => {
    const place = placeOf(elsewhere('cheap'));
    const options = { replace: false, nowMs: Date.now() };
    expect(await restoreBackup(chunksOf(cheap), passphrase, place, options)).toMatchObject({ nodes: 2 });
  });

  test.each(cases)('%s', async (name, change, sentence, tried = passphrase) => {
    const place = placeOf(elsewhere(`refused-${name.replaceAll(' ', '-')}`));
    const bytes = await change(cheap);
    const refused = expect.objectContaining({ name: 'BackupError', message: expect.stringContaining(sentence) });
    const options = { replace: false, nowMs: Date.now() };
    await expect(restoreBackup(chunksOf(bytes), tried, place, options)).rejects.toEqual(refused);
    expect([...filesBelow(place.keys), ...filesBelow(place.data)]).toEqual([]);
  });

  test('the drill refuses it too, and leaves nothing of it', async () => {
    const { data } = placeOf(elsewhere('refused-drill'));
    mkdirSync(data, { recursive: true });
    await expect(verifyBackup(chunksOf(cheap.subarray(0, -1)), passphrase, data)).rejects.toThrow(wrong);
    expect(readdirSync(data)).toEqual([]);
  });

  test('the command line says so in one line, and ends with 1', async () => {
    const damaged = join(stack.folder, 'damaged.backup');
    writeFileSync(damaged, cheap.subarray(0, -1));
    const { code, out, err } = await sealcast(elsewhere('refused'), 'restore', damaged);
    expect([code, out, err]).toEqual([1, '', `sealcast: ${wrong}\n`]);
  });
});

describe('a restore', () => {
  test('refuses a place where a master is, and one that runs even where it was told to', async () => {
    const before = contents(stack.keys);
    const populated = await sealcast(beside(), 'restore', backup);
    expect(populated).toMatchObject({ code: 1, err: expect.stringContaining('there is a master here already') });
    const running = await sealcast(beside(), 'restore', '--replace', backup);
    expect(running).toMatchObject({ code: 1, err: expect.stringContaining('a master is running') });
    expect(contents(stack.keys)).toEqual(before);
  });

  test('brings the same nodes back by themselves, with what was known of them, and no number is given twice', async () => {
    const admin = await stack.signIn();
    const nodes = await admin.nodes();
    const [kept, removed] = ['kept', 'removed'].map((name) => nodes.find((node) => node.name === name)!.id);
    // What happens after the backup, and is lost with it.
    await admin.delete(`nodes/${removed}`);
    await admin.confirmed((await admin.broadcast('after the backup')).id);
    await stack.master.stop();
    const lost = numbersIn(join(stack.folder, 'data'));

    const place = elsewhere('restored');
    const { code, out } = await sealcast(place, 'restore', backup);
    expect([code, out]).toEqual([
      0,
      expect.stringMatching(/^Put back 2 nodes, as of .*\n1 invite was open and is withdrawn\.\n/),
    ]);
    const numbers = numbersIn(place.data_dir);
    expect(numbers['broadcast']).toBeGreaterThan(lost['broadcast']! + 2 ** 31);
    expect(numbers['epoch']).toBeGreaterThan(lost['epoch']! + 2 ** 31);

    await using master = new ServiceProcess('master', { ...place, log_level: 'debug' });
    await master.says('listening');
    const after = await stack.signIn();
    const back = await after.nodesWhen((all) => all.some(({ id, state }) => id === kept && state === 'alive'), 60_000);
    const joins = () => stack.nodes.get('kept')!.lines.filter(({ msg }) => msg?.includes('joined the master'));
    // The master may tell of it before the node does.
    await expect.poll(joins, { timeout: 10_000 }).toHaveLength(2);
    const history = await after.get<History>(`nodes/${kept}/history?minutes=60`);
    expect(history.at[0]).toBeLessThan(statSync(backup).mtimeMs);
    const joined = (all: NodeView[]) => all.find(({ id }) => id === kept)?.joinedAt;
    expect(joined(back)).toBe(joined(nodes));
    // As a broadcast, which the node would refuse with a number that it has seen.
    const order = await after.broadcast('from the restored one', [kept!]);
    await after.confirmed(order.id);
    const all = await after.broadcast('to everyone');
    const done = await after.watch(async () => {
      const found = (await after.commands()).find(({ id }) => id === all.id);
      return found?.receipts.find(({ node }) => node === kept)?.outcome === 'done' ? found : undefined;
    });
    expect(done.receipts.find(({ node }) => node === kept)!.at! - done.issued).toBeLessThan(5000);
    await master.stop();
  });

  test('leaves nobody signed in, no invite open, and lets init make new ones', async () => {
    const place = elsewhere('closed');
    expect((await sealcast(place, 'restore', backup)).code).toBe(0);
    using database = new DatabaseSync(join(place.data_dir, 'sealcast.db'));
    const open = 'SELECT count(*) AS count FROM invites WHERE spent_at IS NULL AND withdrawn_at IS NULL';
    expect(database.prepare(open).get()).toEqual({ count: 0 });
    expect(database.prepare('SELECT count(*) AS count FROM web_sessions').get()).toEqual({ count: 0 });
    expect(filesBelow(place.keys_dir).map(({ name }) => name)).not.toContain('invites.json');
    const folders = {
      keys_dir: place.keys_dir,
      tls_dir: join(stack.folder, 'closed/tls'),
      nodes_dir: join(stack.folder, 'closed/nodes'),
    };
    await using init = new ServiceProcess('init', { ...folders, mq_public_host: '127.0.0.1', init_nodes: '1' });
    expect(await init.exited).toBe(0);
    expect(readdirSync(folders.nodes_dir)).toContain('invite-1');
  });

  test('over a master that is stopped keeps what was there, and can be done again', async () => {
    const place = elsewhere('again');
    expect((await sealcast(place, 'restore', backup)).code).toBe(0);
    const first = numbersIn(place.data_dir);
    const signing = readFileSync(join(place.keys_dir, 'signing.pem'));
    writeFileSync(join(place.keys_dir, 'only-here'), 'kept', { mode: 0o600 });
    expect((await sealcast(place, 'restore', backup, '--replace')).code).toBe(0);
    expect(readFileSync(join(place.keys_dir, 'replaced', 'signing.pem')).equals(signing)).toBe(true);
    expect(existsSync(join(place.keys_dir, 'only-here'))).toBe(false);
    expect(readFileSync(join(place.keys_dir, 'replaced', 'only-here'), 'utf8')).toBe('kept');
    expect(existsSync(join(place.data_dir, 'replaced', 'sealcast.db'))).toBe(true);
    expect((await sealcast(place, 'backup', 'verify', backup)).code).toBe(0);
    // Of the same backup: what the first one may have given is not given by the second.
    const second = numbersIn(place.data_dir);
    expect(second['epoch']).toBeGreaterThan(first['epoch']!);
  });

  test('is refused where the clock has not come to when the backup was made', async () => {
    const place = elsewhere('early');
    using clock = vi.spyOn(Date, 'now');
    clock.mockReturnValue(statSync(backup).mtimeMs - 86_400_000);
    const { code, err } = await sealcast(place, 'restore', backup);
    expect([code, err]).toEqual([1, expect.stringContaining('set the clock')]);
    expect([...filesBelow(place.keys_dir), ...filesBelow(place.data_dir)]).toEqual([]);
  });
});

/** In pieces of a size that divides nothing. */
async function* chunksOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += 7001) yield bytes.subarray(at, at + 7001);
}

/** The counters that a store has reached. */
function numbersIn(folder: string): Record<string, number> {
  using database = new DatabaseSync(join(folder, 'sealcast.db'), { readOnly: true });
  const rows = database.prepare('SELECT name, value FROM counters').all();
  return Object.fromEntries(rows.map((row) => [String(row['name']), Number(row['value'])]));
}
