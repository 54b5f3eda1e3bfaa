// What testssl.sh finds at a TLS port of this machine.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { docker } from './docker.ts';

const image = 'sealcast-test-testssl';
const fine = new Set(['OK', 'INFO', 'LOW']);

/** Protocols, ciphers, what the server prefers, the certificate, headers, and the attacks that these do not rule out. */
const checks = ['-p', '-s', '-P', '-S', '--headers', '-H', '-R', '-C'];

/**
 * What an authority of one's own brings with it: it says nowhere what it has revoked, and its certificates live for 800 days, which
 * only public authorities may not do. The two others are what testssl.sh's own openssl could not try.
 */
const excused = new Set(['cert_revocation', 'cert_extlifeSpan', 'engine_problem', 'sessionresumption_ticket']);

interface Finding {
  id: string;
  severity: string;
  finding: string;
}

/** All of it, and what is worse than LOW and not excused. `authority` is the certificate that clients trust, PEM. */
export async function testssl(port: number, authority: string): Promise<{ ids: string[]; faults: string[] }> {
  await docker(['build', '-q', '-t', image, '-f', 'tests/containers/testssl.Dockerfile', 'tests/containers']);
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-testssl-'));
  try {
    writeFileSync(join(folder, 'ca.pem'), authority);
    const output = ['--color', '0', '--quiet', '--add-ca', '/out/ca.pem', '-oj', '/out/found.json'];
    const run = ['run', '--rm', '--network=host', '--volume', `${folder}:/out`, image];
    // Its exit code counts findings; those are read below.
    await docker([...run, ...output, ...checks, `https://localhost:${port}/`]).catch(() => undefined);
    const found = JSON.parse(readFileSync(join(folder, 'found.json'), 'utf8')) as Finding[];
    const faults = found.filter(({ id, severity }) => !fine.has(severity) && !excused.has(id));
    return { ids: found.map(({ id }) => id), faults: faults.map((one) => `${one.severity} ${one.id}: ${one.finding}`) };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
