import type { Action } from '@sealcast/master/fleet/views';
import { harmlessLine } from '../terminal/harmless.ts';

/** What was ordered, in one line. */
export function actionText(action: Action): string {
  if (action.type === 'text') return `"${harmlessLine(action.text)}"`;
  if (action.type === 'interval') return `a sample every ${action.seconds} s`;
  if (action.type === 'rotate') return 'take a new identity';
  return `run ${harmlessLine([action.program, ...action.arguments].join(' '))}`;
}
