import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { get } from 'node:https';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { generateKeyPairSync } from 'node:crypto';
import { expect, test } from 'vitest';
import { ServiceProcess } from '../stack/service-process.ts';
import { Stack } from '../stack/stack.ts';

async function overTls(url: string, ca: Buffer): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  get(url, { ca }, (response) => {
    let body = '';
    response.on('data', (chunk: Buffer) => (body += chunk.toString()));
    response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
  }).on('error', reject);
  return await promise;
}

/** Stops the master of `stack` and starts it with `env`, where it is not expected to stay. */
async function startAgain(stack: Stack, env: Record<string, string>): Promise<ServiceProcess> {
  await stack.master.stop();
  return new ServiceProcess('master', { ...stack.ports, ...env });
}

test('with certificate and key the master speaks TLS itself, and init vouches for it', async () => {
  await using stack = await Stack.start();
  const tls = join(stack.folder, 'tls');
  await stack.master.stop();
  await stack.restartMaster({ server_tls_crt_fp: join(tls, 'tls.crt'), server_tls_key_fp: join(tls, 'tls.key') });
  const ca = await readFile(join(stack.folder, 'nodes', 'tls-ca.crt'));
  const url = stack.url.replace('http:', 'https:');
  expect(await overTls(`${url}/api/health`, ca)).toEqual({ status: 200, body: '{"status":"ok"}' });
  await expect(overTls(`${url}/api/health`, Buffer.from(''))).rejects.toThrow(/self-signed|unable to/);
  await expect(fetch(`${stack.url}/api/health`)).rejects.toThrow('fetch failed');
});

test('everything is served below the base path, and nothing beside it', async () => {
  await using stack = await Stack.start({ master: { server_virtual_host: '/sealcast' } });
  expect((await fetch(`${stack.url}/api/health`)).status).toBe(200);
  expect((await fetch(stack.url.replace('/sealcast', '/api/health'))).status).toBe(404);
  expect(await (await stack.signIn()).nodes()).toEqual([]);
});

test('wrong settings end it at once, every one of them named', async () => {
  await using stack = await Stack.start();
  await using master = await startAgain(stack, {
    server_port: 'http',
    server_tls_crt_fp: join(stack.folder, 'tls', 'tls.crt'),
    mq_pub_port: stack.ports['mq_sub_port'] ?? '',
    report_interval: '0',
  });
  expect(await master.exited).toBe(1);
  for (const fault of [
    'server_port is "http"; write a whole number from 1 to 65535',
    'server_tls_key_fp is not set: TLS needs the certificate and its key',
    'mq_sub_port and mq_pub_port share',
    'report_interval is "0"; write a whole number from 1 to 3600',
  ])
    expect(master.text).toContain(fault);
});

test('a private key that others can read ends it, and so does one that is missing', async () => {
  await using stack = await Stack.start();
  await chmod(join(stack.keys, 'signing.pem'), 0o644);
  await rm(join(stack.keys, 'curve.key'));
  await using master = await startAgain(stack, {});
  expect(await master.exited).toBe(1);
  expect(master.text).toContain('others can read it (mode 644)');
  expect(master.text).toContain('curve.key: ENOENT');
  expect(master.text).toContain('run init');
});

test('an all-zero CURVE key ends it', async () => {
  await using stack = await Stack.start();
  await writeFile(join(stack.keys, 'curve.key'), '0'.repeat(40));
  await using master = await startAgain(stack, {});
  expect(await master.exited).toBe(1);
  expect(master.text).toContain('is not a CURVE key: 40 characters of Z85, not all zero');
});

test('a transport key elsewhere that is not the one in the invites ends it', async () => {
  await using stack = await Stack.start();
  const elsewhere = join(stack.folder, 'mine.pem');
  await copyFile(join(stack.keys, 'transport.pem'), elsewhere);
  await stack.master.stop();
  await stack.restartMaster({ mq_transport_pem_key: elsewhere });
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await writeFile(elsewhere, privateKey.export({ type: 'pkcs1', format: 'pem' }));
  await using master = await startAgain(stack, { mq_transport_pem_key: elsewhere });
  expect(await master.exited).toBe(1);
  expect(master.text).toContain('is not the private half of');
});

test('a port that is taken ends it, by its number', async () => {
  await using stack = await Stack.start();
  await stack.master.stop();
  await using thief = createServer();
  const { promise, resolve } = Promise.withResolvers<void>();
  thief.listen(Number(stack.ports['mq_join_sub_port']), '127.0.0.1', resolve);
  await promise;
  await using master = new ServiceProcess('master', { ...stack.ports });
  expect(await master.exited).toBe(1);
  expect(master.text).toContain(`can't listen at 127.0.0.1, port ${stack.ports['mq_join_sub_port']}`);
});

test('a signal stops it in order, with exit code 0', async () => {
  await using stack = await Stack.start();
  expect(await stack.master.stop('SIGTERM')).toBe(0);
  await stack.restartMaster();
  expect(await stack.master.stop('SIGINT')).toBe(0);
});
