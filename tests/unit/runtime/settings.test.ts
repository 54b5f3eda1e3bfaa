import { readSettings, SettingsError } from '@sealcast/runtime/settings';
import { basePath, filePath, flag, host, hosts, logLevel, port, publicHost } from '@sealcast/runtime/validators';
import { str } from 'envalid';
import { describe, expect, test } from 'vitest';

const spec = {
  mq_sub_host: host({ default: '0.0.0.0', example: '0.0.0.0' }),
  mq_sub_port: port({ default: 36500, example: '36500' }),
  server_behind_proxy: flag({ default: false }),
  server_virtual_host: basePath({ default: '' }),
  mq_invite_code: str({ desc: 'the line that the master made' }),
};

function faultsOf(env: Record<string, string>): string[] {
  try {
    readSettings(spec, env);
  } catch (error) {
    if (error instanceof SettingsError) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('settings', () => {
  test('are read with their types, and an empty one counts as not set', () => {
    const settings = readSettings(spec, { mq_sub_port: '', server_behind_proxy: 'true', mq_invite_code: 'x' });
    expect(settings).toMatchObject({ mq_sub_port: 36500, server_behind_proxy: true, server_virtual_host: '' });
  });

  test('tell every fault at once, each with what to write instead', () => {
    const faults = faultsOf({ mq_sub_port: '70000', mq_sub_host: 'tcp://x', server_behind_proxy: 'yes' });
    expect(faults).toEqual([
      'mq_sub_host is "tcp://x", which has :// in it; write a host name or an IP address without a port, e.g. mq_sub_host=0.0.0.0',
      'mq_sub_port is "70000"; write a whole number from 1 to 65535 (a TCP port), e.g. mq_sub_port=36500',
      'server_behind_proxy is "yes"; write true or false',
      'mq_invite_code is not set: the line that the master made',
    ]);
  });

  test.each([
    ['/', ''],
    ['/sealcast', '/sealcast'],
    ['/a/b/', '/a/b'],
  ])('take the base path %j as %j', (text, expected) => {
    expect(readSettings({ path: basePath() }, { path: text }).path).toBe(expected);
  });

  test.each(['sealcast', '/a/../b', '//x', '/a b', '/a?b', '/%2e'])('refuse the base path %j', (text) => {
    expect(() => readSettings({ path: basePath() }, { path: text })).toThrow(SettingsError);
  });

  test.each(['', '0', '65536', '1e3', ' 80', '-1', '0x50', '80.5'])('refuse the port %j', (text) => {
    expect(() => readSettings({ p: port() }, { p: text })).toThrow(SettingsError);
  });

  test.each([
    ['https://master.lan', 'has :// in it'],
    ['master.lan/sealcast', 'has a path in it'],
    ['[::1]', 'has brackets around it'],
    ['master.lan:36500', 'has a port in it'],
    ['a.lan, b.lan', 'has a space or a comma in it'],
    ['10.0.0.300', 'is no IPv4 address'],
    [`${'a'.repeat(64)}.lan`, 'has more than 63 characters without a dot'],
    ['-x', 'is not of letters, digits and hyphens, with dots between them'],
  ])('say why %j is no host', (text, why) => {
    expect(() => readSettings({ h: host() }, { h: text })).toThrow(`is "${text}", which ${why}; write a host name`);
  });

  test('take what nodes call a machine by as far as an invite has room for it', () => {
    const [fits, long] = [64, 65].map((length) => `${'a'.repeat(length - 4)}.lan`);
    expect(readSettings({ h: publicHost() }, { h: fits }).h).toBe(fits);
    expect(() => readSettings({ h: publicHost() }, { h: long })).toThrow(
      'h is 65 characters long, and an invite has room for 64; write a shorter name of this machine, or its IP address',
    );
  });

  test.each(['localhost', 'pi-4.lan', '192.168.1.4', '::1', 'fe80::1'])('take the host %j', (text) => {
    expect(readSettings({ h: host() }, { h: text }).h).toBe(text);
  });

  test.each([
    '-x',
    'a..b',
    'a b',
    'http://a',
    'a:80',
    'a/b',
    '10.0.0.300',
    '1.2.3',
    '::g',
    '[::1]',
    '1::2::3',
    '0x7f.1',
  ])('refuse the host %j', (text) => {
    expect(() => readSettings({ h: host() }, { h: text })).toThrow(SettingsError);
  });

  test('take lists of hosts, and name the wrong ones alone', () => {
    expect(readSettings({ h: hosts() }, { h: 'a.lan, *.b.lan,10.0.0.1' }).h).toEqual(['a.lan', '*.b.lan', '10.0.0.1']);
    expect(() => readSettings({ h: hosts() }, { h: 'a.lan,b c' })).toThrow('h holds "b c"');
  });

  test('refuse a file that is not there, and a folder in its place', () => {
    expect(() => readSettings({ f: filePath() }, { f: '/no/such/file' })).toThrow('which is not there');
    expect(() => readSettings({ f: filePath() }, { f: '/' })).toThrow('which is not a file');
  });

  test('refuse an unknown log level', () => {
    expect(() => readSettings({ l: logLevel() }, { l: 'loud' })).toThrow('write one of trace, debug');
  });
});
