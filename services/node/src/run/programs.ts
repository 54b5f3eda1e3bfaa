// The programs that are running: few at a time, and none of them outlives the node.
import type { Outcome } from '../command-log.ts';
import { type Program, type ProgramOrder, startProgram } from './program.ts';

/** One more is refused, not kept waiting: its order would be done at a time that nobody chose. */
const programsMax = 4;
const stopWithinMs = 2000;

export class Programs {
  readonly #running = new Set<Program>();

  /** Resolves when the program has ended; never rejects. */
  async run(order: ProgramOrder): Promise<Outcome> {
    if (this.#running.size >= programsMax)
      return { outcome: 'refused', detail: `${programsMax} programs are running already` };
    const program = startProgram(order);
    this.#running.add(program);
    const outcome = await program.ended;
    this.#running.delete(program);
    return outcome;
  }

  /** Ends them all, and resolves when their outcomes are there; or soon, where the machine does not let go of one. */
  async stop(): Promise<void> {
    const running = [...this.#running];
    if (running.length === 0) return;
    for (const program of running) program.stop();
    const patience = Promise.withResolvers<void>();
    const timer = setTimeout(() => patience.resolve(), stopWithinMs);
    await Promise.race([Promise.all(running.map(({ ended }) => ended)), patience.promise]);
    clearTimeout(timer);
  }
}
