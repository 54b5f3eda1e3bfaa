import { randomBytes } from 'node:crypto';
import { metricsToken } from './files.ts';
import { Complaint } from './findings.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';

/** RFC 6750, b64token, long enough to be guessed by nobody. The master takes the same. */
const tokenForm = /^[A-Za-z0-9._~+/-]{32,256}=*$/;

/** 256 bits as base64url: what a Prometheus server shows to read /metrics. */
export function planMetricsToken(survey: Survey): Step[] {
  survey.read(metricsToken, checkToken);
  return survey.isFaulty(metricsToken)
    ? []
    : [survey.step(metricsToken, Buffer.from(`${randomBytes(32).toString('base64url')}\n`), '')];
}

function checkToken(bytes: Buffer): void {
  if (!tokenForm.test(bytes.toString('latin1').replace(/\r?\n$/, '')))
    throw new Complaint(
      'holds no token: it should be one line of 32 to 256 letters, digits or - . _ ~ + /',
      'Delete it, and init makes a new one.',
    );
}
