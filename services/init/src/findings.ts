// What looking around brought to light. Nothing is written before everything has been looked at.

/** What stops init: where, what is wrong there (goes on after the path), and what to do about it. */
export interface Fault {
  readonly where: string;
  readonly problem: string;
  readonly remedy: string;
}

/** Thrown by whatever reads one file's contents. */
export class Complaint extends Error {
  override readonly name = 'Complaint';
  readonly remedy: string;

  constructor(problem: string, remedy: string, options?: ErrorOptions) {
    super(problem, options);
    this.remedy = remedy;
  }
}

export class Findings {
  readonly faults: Fault[] = [];
  /** Init goes on, but somebody should act. */
  readonly warnings: string[] = [];
  /** Good to know. */
  readonly notes: string[] = [];

  fault(where: string, problem: string, remedy: string): void {
    this.faults.push({ where, problem, remedy });
  }

  /** Gives what `read` gives; a complaint becomes a fault of `where`, and undefined is given. */
  attempt<T>(where: string, read: () => T): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof Complaint)) throw error;
      this.fault(where, error.message, error.remedy);
      return undefined;
    }
  }
}
