// The page's own TLS, without a proxy: its certificate and key as they stand in two files, also when they are renewed.
import { readFileSync, statSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';

interface Certificate {
  readonly cert: Buffer;
  readonly key: Buffer;
}

const aead = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384', 'CHACHA20-POLY1305'];
const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/** As deploy/nginx/nginx.conf has it: forward secrecy and AEAD, and nothing else. */
export const tlsOptions = {
  minVersion: 'TLSv1.2',
  ciphers: [...tls13, ...aead.flatMap((cipher) => [`ECDHE-ECDSA-${cipher}`, `ECDHE-RSA-${cipher}`])].join(':'),
  honorCipherOrder: true,
} satisfies SecureContextOptions;

export class CertificateFiles {
  readonly #certificatePath: string;
  readonly #keyPath: string;
  #seen: string;

  constructor(certificatePath: string, keyPath: string) {
    this.#certificatePath = certificatePath;
    this.#keyPath = keyPath;
    this.#seen = this.#state();
  }

  read(): Certificate {
    return { cert: readFileSync(this.#certificatePath), key: readFileSync(this.#keyPath) };
  }

  /**
   * Gives them to `server` where they have changed: new connections are met with them, and those that stand go on. Whether
   * it did. Throws where they don't belong together, and then tries again at the next look.
   */
  look(server: { setSecureContext(options: SecureContextOptions): void }): boolean {
    const now = this.#state();
    if (now === this.#seen) return false;
    server.setSecureContext({ ...this.read(), ...tlsOptions });
    this.#seen = now;
    return true;
  }

  #state(): string {
    const states = [this.#certificatePath, this.#keyPath].map((path) => statSync(path, { bigint: true }));
    return states.map(({ ino, mtimeNs, size }) => `${ino} ${mtimeNs} ${size}`).join(', ');
  }
}
