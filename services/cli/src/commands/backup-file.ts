// What is done with a backup that there is: verify, its settings, restore.
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { openBackup } from '../backup/open.ts';
import { placeOf } from '../backup/place.ts';
import { restoreBackup } from '../backup/restore.ts';
import { verifyBackup } from '../backup/verify.ts';
import type { Call, Command } from '../command/command.ts';
import { exitCodes, UsageError } from '../command/failures.ts';
import { readSecret } from '../terminal/ask.ts';
import { counted, moment } from '../terminal/quantity.ts';
import { passphraseOption } from './backup.ts';
import { openFile } from './backup-input.ts';

export const backupVerify: Command = {
  name: 'backup verify',
  takes: 'FILE',
  what: 'prove that a backup could be put back, and touch nothing',
  details: `It is opened to its last byte; its keys have to belong together, its store to be sound and to come to the newest shape. FILE may be -
for standard input.`,
  options: {
    scratch: {
      type: 'string',
      value: 'FOLDER',
      what: "where there is room to unpack it (the master's data folder, or /tmp)",
    },
    ...passphraseOption,
  },
  asks: 'nobody',
  async run(call) {
    const { chunks, passphrase } = await source(call);
    const { data } = placeOf(call.env);
    const scratch = call.text('scratch') ?? (existsSync(data) ? data : tmpdir());
    const verified = await verifyBackup(chunks, passphrase, scratch);
    call.screen.progress('');
    const { manifest, keyPairs, nodes, samples, commands, schema } = verified;
    if (call.json) {
      call.screen.json({
        made: manifest.made,
        program: manifest.program,
        keyPairs,
        nodes,
        samples,
        orders: commands,
        schema,
      });
      return exitCodes.done;
    }
    const { paint } = call.screen;
    call.screen.line(paint('green', 'This backup can be put back.'));
    const row = (label: string, text: string) => call.screen.line(`  ${paint('dim', label.padEnd(9))}${text}`);
    row('made', `${moment(manifest.made)}, by Sealcast ${manifest.program}`);
    row('keys', `${counted(keyPairs, 'pair')}, each belongs together`);
    row(
      'store',
      `sound, version ${manifest.schema}${schema === manifest.schema ? '' : `, comes to version ${schema}`}`,
    );
    row('holds', `${counted(nodes, 'node')}, ${counted(samples, 'sample')}, ${counted(commands, 'order')}`);
    return exitCodes.done;
  },
};

export const backupSettings: Command = {
  name: 'backup settings',
  takes: 'FILE',
  what: 'print the settings in a backup, as lines of a .env',
  options: passphraseOption,
  asks: 'nobody',
  async run(call) {
    const { chunks, passphrase } = await source(call);
    const { settings } = await openBackup(chunks, passphrase, { keys: undefined, store: undefined });
    call.screen.progress('');
    if (call.json) call.screen.json(Object.fromEntries(settingLines(settings)));
    else call.screen.write(settings);
    return exitCodes.done;
  },
};

export const restore: Command = {
  name: 'restore',
  takes: 'FILE',
  what: 'put a backup in the place of a master that is stopped',
  details: `Everything is checked first; where something is wrong nothing is changed. Invites that were open in the backup are withdrawn, and
everybody is signed out. FILE may be - for standard input.`,
  options: {
    replace: { type: 'boolean', what: 'also where keys or a store are there; they are kept in folders named replaced' },
    ...passphraseOption,
  },
  asks: 'nobody',
  async run(call) {
    const place = placeOf(call.env);
    const { chunks, passphrase } = await source(call);
    const options = { replace: call.flag('replace'), nowMs: Date.now() };
    const done = await restoreBackup(chunks, passphrase, place, options);
    const { manifest, nodes, withdrawn, replaced } = done;
    const { screen } = call;
    screen.progress('');
    const differing = settingLines(done.settings).filter(([name, value]) => call.env[name] !== value);
    if (call.json) {
      screen.json({ made: manifest.made, nodes, withdrawn, replaced, settings: Object.fromEntries(differing) });
      return exitCodes.done;
    }
    screen.line(`Put back ${counted(nodes, 'node')}, as of ${moment(manifest.made)}.`);
    for (const folder of replaced) screen.line(`What was there before is in ${folder}.`);
    if (withdrawn > 0)
      screen.line(
        `${counted(withdrawn, 'invite was', 'invites were')} open and ${withdrawn === 1 ? 'is' : 'are'} withdrawn.`,
      );
    screen.line('Nodes that you removed since the backup are members again: remove them once more.');
    if (differing.length > 0)
      screen.line('Settings that are not as they were; nodes look for the master by some of them:');
    for (const [name, value] of differing) screen.line(`  ${name}=${value}`);
    return exitCodes.done;
  },
};

function settingLines(settings: string): [string, string][] {
  return settings
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]);
}

async function source(call: Call): Promise<{ chunks: AsyncIterable<Uint8Array>; passphrase: string }> {
  const [file = ''] = call.operands('FILE');
  const from = call.text('passphrase-file');
  if (file === '-' && from === '-')
    throw new UsageError('FILE and --passphrase-file are both standard input; name a file for one');
  if (file === '-' && from === undefined)
    throw new UsageError('standard input is the backup; name a file with --passphrase-file');
  // Before anybody types a passphrase for what can't be read.
  const chunks = await openFile(call.screen, file);
  const passphrase = await readSecret(call.screen, { message: 'Passphrase', from, option: '--passphrase-file' });
  return { chunks, passphrase };
}
