import { expect, test } from 'vitest';
import { sealcast } from '../../stack/command-line.ts';

test.each([
  [[], 'name a command; sealcast --help lists them'],
  [['shout'], 'there is no command shout; sealcast --help lists them'],
  [['broadcast'], 'say what: broadcast text, broadcast interval, broadcast rotate, broadcast run'],
  [['broadcast', 'text'], 'TEXT is missing'],
  [['broadcast', 'interval', '0'], 'SECONDS is 0; write a whole number from 1 to 3600'],
  [['broadcast', 'run', '--', 'uptime'], 'uptime is no whole path; write one that begins with /'],
  [['status', 'now'], 'there is a word too many: now'],
  [['nodes', '--colour'], "Unknown option '--colour'; sealcast nodes --help says what there is"],
  [['invite', 'x', '--host', 'a', '--relay', 'b'], '--host and --relay are two places; name one'],
  [['rename', 'attic'], 'NAME is missing'],
  [['rename', 'attic', 'x', '--own'], 'there is a word too many: x'],
  [['remove', 'attic'], 'there is no terminal to ask at; --yes says that you are sure'],
  [['sign-in', 'sealcast.lan'], 'sealcast.lan is no page; write e.g. https://sealcast.lan:8443'],
  [['sign-in', 'http://sealcast.lan'], 'over http:// everybody on the way reads the password; write https://'],
  [
    ['sign-in', 'https://localhost', '--password', 'secret'],
    "Unknown option '--password'; sealcast sign-in --help says what there is",
  ],
  [
    ['restore', '-', '--passphrase-file', '-'],
    'FILE and --passphrase-file are both standard input; name a file for one',
  ],
])('%j is wrong usage, ends with 2, and says what is right', async (args, sentence) => {
  expect(await sealcast({ HOME: '/nonexistent' }, args)).toEqual({ code: 2, out: '', err: `sealcast: ${sentence}\n` });
});

test('where nobody is signed in and no master is, a command ends with 3', async () => {
  expect(await sealcast({ HOME: '/nonexistent', data_dir: '/nonexistent' }, ['nodes'])).toEqual({
    code: 3,
    out: '',
    err: 'sealcast: nobody is signed in, and no master is on this machine; sealcast sign-in URL\n',
  });
});
