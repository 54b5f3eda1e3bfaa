// How a command ends. Scripts go by these numbers (docs/command-line.md).

export const exitCodes = {
  done: 0,
  failed: 1,
  /** Wrong arguments, or nobody to ask. */
  usage: 2,
  /** The master can't be reached, or does not let us in. */
  noMaster: 3,
  /** Some of the nodes have not done it, or not yet. */
  partly: 4,
  interrupted: 130,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Nobody is signed in, or no longer. */
export class NotSignedIn extends Error {
  override readonly name = 'NotSignedIn';
}

export const signInFirst = 'sealcast sign-in URL';

/** What was asked for is not there, or is not one thing. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}

/** Ctrl-C at a question. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
