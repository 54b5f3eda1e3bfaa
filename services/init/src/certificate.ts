// Makes X.509 certificates (RFC 5280) that the strictest of openssl's checks take.
import 'reflect-metadata';
import { randomBytes, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';
import { fingerprint } from './key-pair.ts';
import { spkiOf } from './pem.ts';

const dayMs = 24 * 60 * 60 * 1000;
const authorityLifetimeMs = 3652 * dayMs;
// Apple's systems take at most 825 days, also from an authority that their owner has added.
const serverLifetimeMs = 800 * dayMs;
// Clocks of machines that look at it soon may be behind.
const headStartMs = dayMs;

const serverAuth = '1.3.6.1.5.5.7.3.1';

/** What the names of authorities that init makes begin with; a part of the key's fingerprint follows. */
export const authorityName = 'Sealcast authority';

/** A certificate for an authority, signed by itself, in PEM. `key` is one that signingKeyOf takes. */
export async function makeAuthorityCertificate(key: KeyObject, now: Date): Promise<string> {
  const publicKey = new x509.PublicKey(spkiOf(key));
  const name = [{ CN: [`${authorityName} ${fingerprint(spkiOf(key)).slice(-16)}`] }];
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    subject: name,
    issuer: name,
    ...lifetime(now, authorityLifetimeMs),
    publicKey,
    ...(await signer(key)),
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** A TLS server's certificate for `names` (DNS names and addresses, the first one names it), in PEM. */
export async function makeServerCertificate(
  authority: { readonly pem: string; readonly key: KeyObject },
  key: KeyObject,
  names: readonly string[],
  now: Date,
): Promise<string> {
  const issuer = new x509.X509Certificate(authority.pem);
  const publicKey = new x509.PublicKey(spkiOf(key));
  const { notBefore, notAfter } = lifetime(now, serverLifetimeMs);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial(),
    // A common name has room for 64 characters; what counts are the names further down.
    subject: [{ CN: [names.find((name) => name.length <= 64) ?? 'sealcast'] }],
    issuer: issuer.subjectName,
    notBefore,
    notAfter: new Date(Math.min(notAfter.getTime(), issuer.notAfter.getTime())),
    publicKey,
    ...(await signer(authority.key)),
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) === 0 ? 'dns' : 'ip', value: name })),
      ),
      await x509.SubjectKeyIdentifierExtension.create(publicKey),
      await keyIdentifierOf(issuer),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

/** Whether init can sign with this key: RSA, or an elliptic curve that browsers know. */
export function canSign(key: KeyObject): boolean {
  return algorithmOf(key) !== undefined;
}

function algorithmOf({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject) {
  if (type === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (type === 'ec' && details?.namedCurve === 'prime256v1')
    return { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  if (type === 'ec' && details?.namedCurve === 'secp384r1')
    return { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  return undefined;
}

async function signer(key: KeyObject) {
  const signingAlgorithm = algorithmOf(key);
  if (signingAlgorithm === undefined)
    throw new TypeError(`cannot sign with a key of the kind ${key.asymmetricKeyType}`);
  return { signingAlgorithm, signingKey: key.toCryptoKey(signingAlgorithm, false, ['sign']) };
}

function lifetime(now: Date, lengthMs: number): { notBefore: Date; notAfter: Date } {
  // Certificates count in whole seconds.
  const start = Math.floor((now.getTime() - headStartMs) / 1000) * 1000;
  return { notBefore: new Date(start), notAfter: new Date(start + headStartMs + lengthMs) };
}

/** 16 bytes, positive, without a leading zero (RFC 5280 §4.1.2.2). */
function serial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x7f) | 0x40;
  return bytes.toString('hex');
}

async function keyIdentifierOf(issuer: x509.X509Certificate): Promise<x509.Extension> {
  const named = issuer.getExtension(x509.SubjectKeyIdentifierExtension);
  return named === null
    ? x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey)
    : new x509.AuthorityKeyIdentifierExtension(named.keyId);
}
