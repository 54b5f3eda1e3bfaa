import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { CertificateFiles } from '../../../../services/master/src/http/certificate-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'sealcast-certificate-'));
const at = (name: string): string => join(folder, name);
const give = (name: string, part: 'crt' | 'key'): void => copyFileSync(at(`${name}.${part}`), at(`page.${part}`));

beforeAll(() => {
  for (const name of ['first', 'second']) {
    const made = `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=${name}`;
    execFileSync('openssl', [...made.split(' '), '-keyout', at(`${name}.key`), '-out', at(`${name}.crt`)], {
      stdio: 'ignore',
    });
  }
});
afterAll(() => rmSync(folder, { recursive: true }));

test('a certificate that is renewed is met by who comes from then on, and half of one never', async () => {
  give('first', 'crt');
  give('first', 'key');
  const files = new CertificateFiles(at('page.crt'), at('page.key'));
  await using server = createServer(files.read()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const whoAnswers = async (): Promise<unknown> => {
    const { port } = server.address() as AddressInfo;
    const client = connect({ host: '127.0.0.1', port, rejectUnauthorized: false });
    await once(client, 'secureConnect');
    const { CN } = client.getPeerCertificate().subject;
    client.destroy();
    return CN;
  };
  expect([files.look(server), await whoAnswers()]).toEqual([false, 'first']);
  give('second', 'key');
  expect(() => files.look(server)).toThrow('key values mismatch');
  expect(() => files.look(server)).toThrow('key values mismatch');
  expect(await whoAnswers()).toBe('first');
  give('second', 'crt');
  expect([files.look(server), await whoAnswers(), files.look(server)]).toEqual([true, 'second', false]);
});
