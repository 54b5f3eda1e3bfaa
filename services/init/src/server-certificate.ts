import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { readCertificate, type Authority } from './authority.ts';
import { authorityName, canSign, makeServerCertificate } from './certificate.ts';
import { authorityCertificate, authorityKey, serverCertificate, serverKey } from './files.ts';
import { Complaint } from './findings.ts';
import { fingerprint } from './key-pair.ts';
import { day, lifetimeWarning } from './lifetime.ts';
import { privatePem, readPrivatePem, spkiOf } from './pem.ts';
import { namesIn, namesMissing, serverNames } from './server-names.ts';
import type { Settings } from './settings.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';

/** The web server's key and certificate. `authority` is undefined where something is wrong with it. */
export async function planServer(
  survey: Survey,
  authority: Authority | undefined,
  settings: Settings,
  machine: string,
  now: Date,
): Promise<Step[]> {
  const foundKey = survey.read(serverKey, readPrivatePem);
  const found = survey.read(serverCertificate, (bytes) => {
    const certificate = readCertificate(bytes);
    if (survey.isFaulty(serverKey)) return certificate;
    if (foundKey === undefined)
      throw new Complaint(
        `is there without its private key: ${survey.path(serverKey)} is not.`,
        'Put the key back; or delete the certificate too, and init makes both anew.',
      );
    if (!certificate.checkPrivateKey(foundKey))
      throw new Complaint('does not belong to the private key tls.key.', 'Put the one that belongs to it there.');
    return certificate;
  });
  if (authority === undefined || survey.isFaulty(serverKey, serverCertificate)) return [];
  if (found !== undefined) warn(survey, found, authority, settings, now);

  const key = foundKey ?? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const pem = found?.toString() ?? (await issue(survey, authority, key, serverNames(settings, machine), now));
  if (pem === undefined) return [];
  const certificate = found ?? new X509Certificate(pem);
  const issuer = isIssuedBy(certificate, authority) ? '' : `, issued by ${commonName(certificate.issuer)}`;
  const detail = `until ${day(certificate.validToDate)}${issuer}: ${namesIn(certificate).join(', ')}`;
  return [
    survey.step(serverKey, privatePem(key), fingerprint(spkiOf(key))),
    survey.step(serverCertificate, Buffer.from(pem + authority.pem), detail),
  ];
}

async function issue(
  survey: Survey,
  { key: signer, certificate, pem }: Authority,
  key: KeyObject,
  names: string[],
  now: Date,
): Promise<string | undefined> {
  const needed = `is needed to sign ${survey.path(serverCertificate)}, and`;
  const instead = `Put a certificate and its key into ${survey.folders.tls.path} yourself, or`;
  if (signer === undefined)
    survey.findings.fault(
      survey.path(authorityKey),
      `${needed} is not there.`,
      `${instead} put the authority's key back.`,
    );
  else if (!canSign(signer))
    survey.findings.fault(
      survey.path(authorityKey),
      `${needed} is of a kind that init cannot sign with.`,
      `${instead} use RSA, P-256 or P-384.`,
    );
  else if (certificate.validToDate <= now)
    survey.findings.fault(
      survey.path(authorityCertificate),
      `${needed} has expired on ${day(certificate.validToDate)}.`,
      `Delete tls-ca.key and tls-ca.crt there and tls-ca.crt in ${survey.folders.nodes.path}, and init makes a new authority.`,
    );
  else return makeServerCertificate({ key: signer, pem }, key, names, now);
  return undefined;
}

function warn(survey: Survey, certificate: X509Certificate, authority: Authority, settings: Settings, now: Date): void {
  const own = isIssuedBy(certificate, authority);
  const asked = own ? [...settings.tls_names, settings.mq_public_host] : settings.tls_names;
  const missing = namesMissing(certificate, [...new Set(asked)]);
  const isOfOlder = !own && commonName(certificate.issuer).startsWith(authorityName);
  const faults = [
    lifetimeWarning(certificate, now),
    missing.length > 0 ? `does not name ${missing.join(', ')}` : undefined,
    isOfOlder ? `was issued by an older authority, so whoever trusts tls-ca.crt refuses it` : undefined,
  ].filter((fault) => fault !== undefined);
  // Deleted, somebody's own would be followed by one of init's.
  const remedy =
    own || isOfOlder
      ? `To renew it, delete tls.crt and tls.key in ${survey.folders.tls.path} and run init again.`
      : `It is not one of init's: give the new one with its key to \`init certificate\`.`;
  if (faults.length > 0)
    survey.findings.warnings.push(`${survey.path(serverCertificate)} ${faults.join(', and ')}. It is kept. ${remedy}`);
}

function isIssuedBy(certificate: X509Certificate, authority: Authority): boolean {
  return certificate.checkIssued(authority.certificate) && certificate.verify(authority.certificate.publicKey);
}

/** Of a distinguished name as Node writes it: one attribute a line. */
function commonName(name: string): string {
  return /^CN=(.+)$/m.exec(name)?.[1] ?? name.replaceAll('\n', ', ');
}
