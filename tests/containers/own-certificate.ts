// A page's certificate that is none of init's.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';

/** A certificate for localhost by an authority of one's own, as one command of openssl. */
export function ownCertificate(): { certificate: string; key: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-own-'));
  try {
    const args = 'req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 9 -subj /CN=own.example -addext';
    const files = ['-keyout', join(folder, 'key'), '-out', join(folder, 'crt')];
    execFileSync('openssl', [...args.split(' '), 'subjectAltName=DNS:localhost', ...files], { stdio: 'ignore' });
    return { certificate: readFileSync(join(folder, 'crt'), 'utf8'), key: readFileSync(join(folder, 'key'), 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whose certificate who comes now to a port of this machine is shown. */
export async function certificateAt(port: number): Promise<unknown> {
  const socket = connect({
    host: 'localhost',
    port,
    servername: 'localhost',
    rejectUnauthorized: false,
  });
  await once(socket, 'secureConnect');
  const { CN } = socket.getPeerCertificate().subject;
  socket.destroy();
  return CN;
}
