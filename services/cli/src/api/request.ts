// One question to the master's HTTP API, from a program.
import { X509Certificate } from 'node:crypto';
import { type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import type { PeerCertificate } from 'node:tls';

/** Whom a master under TLS is verified against. */
type Trust =
  | { type: 'system' }
  /** PEM: an authority of its own, for the host's name. */
  | { type: 'authority'; pem: string }
  /** PEM: this very certificate, whatever name it is for. */
  | { type: 'certificate'; pem: string };

export interface Master {
  /** Ends in a slash. */
  base: URL;
  trust: Trust;
}

export interface Question {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE';
  json?: unknown;
  /** `name=value`; '' for none. */
  cookie?: string;
  authorization?: string;
  signal?: AbortSignal | undefined;
}

/** The master gave no answer: nobody listens, TLS could not be verified, the name is not known. */
export class Unreachable extends Error {
  override readonly name = 'Unreachable';
}

/** Rejects with Unreachable, or the reason of `signal`. `path` is relative to the master's base. */
export async function open({ base, trust }: Master, path: string, question: Question = {}): Promise<IncomingMessage> {
  const { method = 'GET', json, cookie = '', authorization, signal } = question;
  const body = json === undefined ? undefined : JSON.stringify(json);
  const headers = {
    ...(cookie === '' ? {} : { cookie }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const options = { method, agent: false, headers, ...(signal === undefined ? {} : { signal }) };
  const isTls = base.protocol === 'https:';
  return await new Promise((resolve, reject) => {
    const request = isTls
      ? tlsRequest(new URL(path, base), { ...options, ...verification(trust) }, resolve)
      : plainRequest(new URL(path, base), options, resolve);
    request.once('error', (cause) => reject(signal?.aborted ? signal.reason : unreachable(base, cause)));
    request.end(body);
  });
}

export async function bodyOf(response: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of response.setEncoding('utf8')) body += String(chunk);
  return body;
}

type Verification = Pick<RequestOptions, never> & {
  ca?: string;
  allowPartialTrustChain?: boolean;
  checkServerIdentity?: (host: string, certificate: PeerCertificate) => Error | undefined;
};

function verification(trust: Trust): Verification {
  if (trust.type === 'system') return {};
  if (trust.type === 'authority') return { ca: trust.pem };
  const pinned = new X509Certificate(trust.pem).raw;
  return {
    ca: trust.pem,
    allowPartialTrustChain: true,
    checkServerIdentity: (_, { raw }) => (pinned.equals(raw) ? undefined : new Error('it shows another certificate')),
  };
}

function unreachable({ origin }: URL, cause: Error): Unreachable {
  const code = 'code' in cause ? String(cause.code) : '';
  if (/CERT|SIGNATURE|ISSUER|ALTNAME/.test(code))
    return new Unreachable(
      `${origin} does not show a certificate that can be trusted (${cause.message}); name the authority with --ca`,
      { cause },
    );
  return new Unreachable(`${origin} does not answer (${code === '' ? cause.message : code})`, { cause });
}
