// `init certificate`: a certificate and its key that somebody else has issued take the place of those that the page has. They come
// by standard input: whoever may read them need not let anybody else.
import type { X509Certificate } from 'node:crypto';
import { renameSync } from 'node:fs';
import { readCertificate } from './authority.ts';
import { serverCertificate, serverKey } from './files.ts';
import { Complaint } from './findings.ts';
import { fingerprint } from './key-pair.ts';
import { day, lifetimeWarning } from './lifetime.ts';
import { privatePem, readPrivatePem, spkiOf } from './pem.ts';
import { namesIn } from './server-names.ts';
import type { Survey } from './survey.ts';
import { syncFolder, writeBeside } from './write.ts';

/** Far more than a chain and a key need. */
export const givenMax = 262_144;

const where = 'What came by standard input';
const instead =
  'Give the whole chain and the key, in any order: cat fullchain.pem privkey.pem | docker compose run --rm -T init certificate';

export interface GivenCertificate {
  /** Each file is whole at any time. A run that is cut short between the two is repeated. */
  readonly carryOut: () => void;
  readonly text: string;
}

/** Undefined where something is wrong; the survey's findings say what. `given` holds a private key and certificates, PEM. */
export function planGiven(survey: Survey, given: Buffer, now: Date): GivenCertificate | undefined {
  const { findings, folders } = survey;
  const read = findings.attempt(where, () => readGiven(given, now));
  survey.checkRoom('tls');
  if (read === undefined || findings.faults.length > 0) return undefined;
  const { key, chain } = read;
  const [own] = chain;
  const { path, owner } = folders.tls;
  const write = (file: typeof serverKey, bytes: Buffer) =>
    renameSync(writeBeside(survey.path(file), bytes, file.mode, owner), survey.path(file));
  return {
    carryOut: () => {
      write(serverKey, privatePem(key));
      write(serverCertificate, Buffer.from(chain.map((certificate) => certificate.toString()).join('')));
      syncFolder(path);
    },
    text: `The page's certificate is now the one for ${namesIn(own).join(', ')}, until ${day(own.validToDate)} (key ${fingerprint(spkiOf(key))}).
nginx takes it without a break: docker compose kill -s HUP nginx
Where there is no nginx, the master takes it by itself within seconds.
`,
  };
}

/** The lines of headers are those of a key in openssl's older form, under a pass phrase: `DEK-Info: AES-256-CBC,…`. */
const keyBlock =
  /-----BEGIN ([A-Z ]+ )?PRIVATE KEY-----\r?\n(?:[A-Za-z-]+: .*\n)*[^-]+-----END ([A-Z ]+ )?PRIVATE KEY-----/g;

type Chain = [own: X509Certificate, ...issuers: X509Certificate[]];

function readGiven(given: Buffer, now: Date): { key: ReturnType<typeof readPrivatePem>; chain: Chain } {
  const text = given.toString('latin1');
  const keys = text.match(keyBlock) ?? [];
  const [pem] = keys;
  if (given.length > givenMax || pem === undefined || keys.length > 1)
    throw new Complaint(`holds ${keys.length === 0 ? 'no private key' : 'too much'}.`, instead);
  const key = readPrivatePem(Buffer.from(pem, 'latin1'));
  const blocks = text.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  const certificates = blocks.map((block) => readCertificate(Buffer.from(block, 'latin1')));
  const own = certificates.find((certificate) => certificate.checkPrivateKey(key));
  if (own === undefined) throw new Complaint('holds no certificate that belongs to its private key.', instead);
  const fault = lifetimeWarning(own, now);
  if (fault !== undefined && (own.validToDate <= now || now < own.validFromDate))
    throw new Complaint(`is of no use: the certificate ${fault}.`, 'Give the new one.');
  if (namesIn(own).length === 0)
    throw new Complaint('holds a certificate without a name.', 'Give one for a web server.');
  return { key, chain: chainFrom(own, certificates) };
}

/** TLS wants each certificate after the one that it has signed; what signs nothing here is left out. */
function chainFrom(own: X509Certificate, certificates: readonly X509Certificate[]): Chain {
  const chain: Chain = [own];
  for (let last = own; chain.length <= certificates.length; ) {
    const issuer = certificates.find(
      (each) => !chain.includes(each) && last.checkIssued(each) && last.verify(each.publicKey),
    );
    if (issuer === undefined) break;
    chain.push(issuer);
    last = issuer;
  }
  return chain;
}
