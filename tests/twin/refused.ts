/** What the twin throws where PROTOCOL.md names an error code. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string) {
    super(code);
    this.name = 'Refused';
    this.code = code;
  }
}

export function refuse(code: string): never {
  throw new Refused(code);
}

export function refuseUnless(condition: boolean, code: string): asserts condition {
  if (!condition) refuse(code);
}
