// Who asks to be let in, and what the answer may be.
import type { Mechanism } from '@sealcast/channel/payloads';
import type { ZapDomain } from './mechanism.ts';

interface AdmissionRequest {
  domain: ZapDomain;
  /** Where the peer's connection comes from, as the front sees it. */
  address: string;
  mechanism: Mechanism;
  /** 32 bytes. */
  hopKey: Uint8Array;
}

/** A relay carries a whole site, and may say more. */
export type Verdict = boolean | 'relay';

/** Is asked about `data` alone. Whatever is neither true nor 'relay', throws or comes too late means no. */
export type Admits = (request: AdmissionRequest) => Verdict | Promise<Verdict>;
