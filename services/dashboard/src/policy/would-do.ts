import type { Action, Policy } from '../api/types.ts';

const levels = ['observe', 'operate', 'admin'] as const;

const fromLevel: Record<Action['type'], Policy['level']> = {
  text: 'observe',
  interval: 'observe',
  rotate: 'operate',
  run: 'admin',
};

/** By what a node tells of its policy, PROTOCOL.md; it decides by its own. Null where it does not tell enough. */
export function wouldDo(policy: Policy | undefined, action: Action): boolean | null {
  if (levels.indexOf(fromLevel[action.type]) === 0) return true;
  if (policy === undefined) return null;
  if (levels.indexOf(policy.level) >= levels.indexOf(fromLevel[action.type])) return true;
  if (policy.allowed.includes(lineOf(action))) return true;
  return policy.more > 0 ? null : false;
}

/** The line of a node's policy that would allow just `action`; the level where no single line can; null where none is needed. */
export function missingLine(action: Action): string | null {
  if (levels.indexOf(fromLevel[action.type]) === 0) return null;
  const line = lineOf(action);
  return line === '' ? `level ${fromLevel[action.type]}` : `allow ${line}`;
}

// What holds a space, is empty or begins as a comment can't be allowed singly: it would be read as others than it is.
function lineOf(action: Action): string {
  if (action.type !== 'run') return action.type;
  const words = [action.program, ...action.arguments];
  return words.every((word) => /^[^ #][^ ]*$/.test(word)) ? `run ${words.join(' ')}` : '';
}
