import { computed } from '@preact/signals';
import { wouldDo } from '../policy/would-do.ts';
import { audience, draftAction, kind, picked, program } from './draft.ts';
import { allNodes } from './fleet.ts';
import { compareNodes } from './ordering.ts';

/** Names of the nodes that are chosen and say that they would refuse the draft as it is. */
export const unwilling = computed((): string[] => {
  // Which program it is to be, nobody has said yet.
  if (kind.value === 'run' && program.value.trim() === '') return [];
  const action = draftAction();
  const chosen = allNodes.value.filter(({ id }) => audience.value === 'everyone' || picked.value.has(id));
  return chosen
    .filter(({ facts }) => wouldDo(facts?.policy, action) === false)
    .toSorted(compareNodes('name'))
    .map(({ name }) => name);
});
