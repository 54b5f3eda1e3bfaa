/** Why a frame was refused or a connection cut. */
export interface Reason {
  /** One sentence, for whoever runs the fleet. */
  sentence: string;
  /** Whether it speaks of somebody trying. The others come about in a healthy fleet too. */
  suspect: boolean;
}

export const suspect = (sentence: string): Reason => ({ sentence, suspect: true });
export const usual = (sentence: string): Reason => ({ sentence, suspect: false });
