import type { DatabaseSync } from 'node:sqlite';

/** Runs `work` as one step: all of it is written, or, where it throws, nothing. One inside another is part of it. */
export type Transaction = <T>(work: () => T) => T;

export function transactions(database: DatabaseSync): Transaction {
  let depth = 0;
  return (work) => {
    const [begin, commit, rollback] =
      depth === 0
        ? ['BEGIN IMMEDIATE', 'COMMIT', 'ROLLBACK']
        : [`SAVEPOINT t${depth}`, `RELEASE t${depth}`, `ROLLBACK TO t${depth}; RELEASE t${depth}`];
    database.exec(begin);
    depth += 1;
    try {
      const result = work();
      if (result instanceof Promise) throw new TypeError('a transaction is synchronous; what it runs must not wait');
      database.exec(commit);
      return result;
    } catch (error) {
      // A full disk may have rolled back already.
      if (database.isTransaction) database.exec(rollback);
      throw error;
    } finally {
      depth -= 1;
    }
  };
}
