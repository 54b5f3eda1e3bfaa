import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { installAddress, installLine, type InstallOrder, removeLine } from '@sealcast/master/install/install-line';
import { documented } from '../../../documents/commands.ts';

const order: InstallOrder = {
  invite: 'sealcast1:abc',
  program: 'f'.repeat(64),
  from: 'https://master.lan:8443/install',
  way: 'service',
  fetcher: 'curl',
};

test('the line fetches, compares and only then runs, and leaves nothing in /tmp', () => {
  const hash = 'f'.repeat(64);
  expect(installLine(order)).toBe(
    `(h=${hash}; u='https://master.lan:8443/install'; f=$(mktemp) && ` +
      '(trap "" XFSZ; ulimit -f 128; timeout 60 curl -fsSk -o "$f" "$u/$h.sh" || ' +
      '{ echo "sealcast: nothing can be fetched: take a new line from the page, and see that this machine reaches $u" >&2; exit 1; }) && ' +
      'echo "$h  $f" | sha256sum -c - >/dev/null && ' +
      `echo 'sealcast1:abc' | sh "$f" "$u"; s=$?; rm -f "$f"; exit $s)`,
  );
});

test('a container and wget are a word each', () => {
  const line = installLine({ ...order, way: 'container', fetcher: 'wget' });
  expect(line).toContain('timeout 60 wget -q --no-check-certificate --max-redirect=0 -O "$f" "$u/$h.sh" || {');
  expect(line).toContain('| sh "$f" "$u" --container;');
});

test('an address is one word for every shell, whatever is in it', () => {
  expect(installLine({ ...order, from: 'https://[::1]:8443/install' })).toContain("; u='https://[::1]:8443/install'; ");
  expect(installLine({ ...order, from: "https://a/'; reboot; '/install" })).toContain(
    "; u='https://a/%27; reboot; %27/install'; ",
  );
});

test.for([
  ['https://master.lan:8443/', 'other.lan', 'https://master.lan:8443/install'],
  ['https://master.lan/sealcast/#/add', 'master.lan', 'https://master.lan/sealcast/install'],
  ['https://localhost:8443/', '192.168.1.5', 'https://192.168.1.5:8443/install'],
  ['https://[::1]:8443/', 'fd00::1', 'https://[fd00::1]:8443/install'],
  ['https://127.0.0.1:8443/sealcast/', 'master.lan', 'https://master.lan:8443/sealcast/install'],
  ['https://localhost:8443/', '127.0.0.1', 'https://localhost:8443/install'],
  ['https://localhost:8443/', null, 'https://localhost:8443/install'],
] as const)('from the page %s and for the host %s it fetches from %s', ([page, host, address]) => {
  expect(installAddress(page, host)).toBe(address);
});

test('the documents show the lines that the page shows', () => {
  const line = installLine({ ...order, invite: 'sealcast1:…', program: '…' });
  expect(documented('docs/install-node.md', line)).toBe(line);
  for (const file of ['README.md', 'docs/install-node.md'])
    expect(readFileSync(join(import.meta.dirname, '../../../..', file), 'utf8')).toContain(`\`${removeLine}\``);
});
