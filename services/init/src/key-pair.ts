import { createHash } from 'node:crypto';
import type { FileKind } from './files.ts';
import { Complaint } from './findings.ts';
import type { Step } from './step.ts';
import type { Survey } from './survey.ts';

/** A private key, its public half beside it, and a copy of that for nodes. */
export interface PairKind {
  readonly privateFile: FileKind;
  readonly publicFile: FileKind;
  readonly nodesFile: FileKind;
  /** The contents of a new private file. */
  make(): Buffer;
  /** The public key of a private file. Throws Complaint. */
  publicOf(privateFile: Buffer): Buffer;
  /** The public key in a public file, in the same form. Throws Complaint. */
  readPublic(publicFile: Buffer): Buffer;
  /** The contents of a public file. */
  writePublic(publicKey: Buffer): Buffer;
}

export interface PlannedPair {
  readonly steps: Step[];
  readonly publicKey: Buffer;
}

/** Undefined where something is wrong with one of the three files; the survey's findings say what. */
export function planPair(kind: PairKind, survey: Survey): PlannedPair | undefined {
  const { privateFile, publicFile, nodesFile } = kind;
  const derived = survey.read(privateFile, (bytes) => kind.publicOf(bytes));
  const publicFiles = [publicFile, nodesFile];
  for (const file of publicFiles)
    survey.read(file, (bytes) => {
      const shown = kind.readPublic(bytes);
      if (survey.isFaulty(privateFile)) return;
      if (derived === undefined)
        throw orphan(
          survey.path(privateFile),
          publicFiles.map((each) => survey.path(each)),
        );
      if (!shown.equals(derived)) throw stranger(survey.path(privateFile));
    });
  if (survey.isFaulty(privateFile, ...publicFiles)) return undefined;

  const made = derived === undefined ? kind.make() : Buffer.alloc(0);
  const publicKey = derived ?? kind.publicOf(made);
  const detail = fingerprint(publicKey);
  const publicContents = kind.writePublic(publicKey);
  const publicSteps = publicFiles.map((file) => survey.step(file, publicContents, detail));
  return { steps: [survey.step(privateFile, made, detail), ...publicSteps], publicKey };
}

/** Short, for people: enough to tell two keys apart, not to prove one. */
export function fingerprint(publicKey: Buffer): string {
  return `SHA-256 ${createHash('sha256').update(publicKey).digest('hex').slice(0, 16)}`;
}

function orphan(privatePath: string, publicPaths: string[]): Complaint {
  return new Complaint(
    `is the public half of a key that is gone: ${privatePath} is not there.`,
    `Put the private key back. If it is lost, delete ${publicPaths.join(' and ')}, run init, and invite every node anew.`,
  );
}

function stranger(privatePath: string): Complaint {
  return new Complaint(
    `does not belong to ${privatePath}.`,
    'Put the right private key back; or, if that one is right, delete this file, and init writes it anew.',
  );
}
