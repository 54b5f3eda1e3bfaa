import { generateKeyPairSync, X509Certificate, type KeyObject } from 'node:crypto';
import { canSign, makeAuthorityCertificate } from './certificate.ts';
import { authorityCertificate, authorityForNodes, authorityKey } from './files.ts';
import { Complaint } from './findings.ts';
import { fingerprint } from './key-pair.ts';
import { privatePem, readPrivatePem, spkiOf } from './pem.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';
import { day, lifetimeWarning } from './lifetime.ts';

export interface Authority {
  readonly pem: string;
  readonly certificate: X509Certificate;
  /** Undefined where its owner keeps it elsewhere: then init can't sign anything. */
  readonly key: KeyObject | undefined;
}

/** Undefined where something is wrong with the authority's files; the survey's findings say what. */
export async function planAuthority(
  survey: Survey,
  now: Date,
): Promise<{ steps: Step[]; authority: Authority } | undefined> {
  const foundKey = survey.read(authorityKey, readPrivatePem);
  const found = survey.read(authorityCertificate, (bytes) => readAuthority(bytes, foundKey));
  survey.read(authorityForNodes, (bytes) => {
    const copy = readCertificate(bytes);
    if (survey.isFaulty(authorityCertificate)) return;
    if (found === undefined)
      throw new Complaint(
        `is a copy of a certificate that is gone: ${survey.path(authorityCertificate)} is not there.`,
        'Copy it there. If its private key is lost, delete this file instead, and init makes a new authority.',
      );
    if (!copy.raw.equals(found.raw))
      throw new Complaint(`differs from ${survey.path(authorityCertificate)}.`, 'Delete it; init writes it anew.');
  });
  if (survey.isFaulty(authorityKey, authorityCertificate, authorityForNodes)) return undefined;

  const key =
    foundKey ?? (found === undefined ? generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey : undefined);
  if (found === undefined && key !== undefined && !canSign(key)) {
    survey.findings.fault(
      survey.path(authorityKey),
      'is of a kind that init cannot sign with.',
      'Use RSA, P-256 or P-384.',
    );
    return undefined;
  }
  const pem = found?.toString() ?? (key && (await makeAuthorityCertificate(key, now))) ?? '';
  const certificate = found ?? new X509Certificate(pem);
  const until = `until ${day(certificate.validToDate)}`;
  const keySteps = key === undefined ? [] : [survey.step(authorityKey, privatePem(key), fingerprint(spkiOf(key)))];
  const certificateSteps = [authorityCertificate, authorityForNodes].map((file) =>
    survey.step(file, Buffer.from(pem), until),
  );

  const warning = lifetimeWarning(certificate, now);
  if (warning !== undefined)
    survey.findings.warnings.push(
      `${survey.path(authorityCertificate)} ${warning}. To renew it, delete tls-ca.key and tls-ca.crt here, tls-ca.crt in ` +
        `${survey.folders.nodes.path}, and tls.key and tls.crt in ${survey.folders.tls.path}; run init again, and have browsers trust the new one.`,
    );
  return { steps: [...keySteps, ...certificateSteps], authority: { pem, certificate, key } };
}

/** The first certificate of a PEM file. Throws Complaint. */
export function readCertificate(bytes: Buffer): X509Certificate {
  const text = bytes.toString('latin1');
  if (text.includes('PRIVATE KEY'))
    throw new Complaint('holds a private key beside the certificate.', 'Leave the certificate alone in it.');
  if (!text.includes('-----BEGIN CERTIFICATE-----'))
    throw new Complaint('holds no certificate in PEM form.', 'Put a good copy there.');
  try {
    return new X509Certificate(bytes);
  } catch (error) {
    throw new Complaint('is damaged: its certificate cannot be read.', 'Put a good copy there.', { cause: error });
  }
}

function readAuthority(bytes: Buffer, key: KeyObject | undefined): X509Certificate {
  const certificate = readCertificate(bytes);
  if (!certificate.ca) throw new Complaint('is not the certificate of an authority.', 'Put the right one there.');
  if (key !== undefined && !certificate.checkPrivateKey(key))
    throw new Complaint('does not belong to the private key tls-ca.key.', 'Put the one that belongs to it there.');
  return certificate;
}
