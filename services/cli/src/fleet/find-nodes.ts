// Nodes as people name them.
import type { NodeView } from '@sealcast/master/fleet/views';
import { CommandError } from '../command/failures.ts';
import { harmlessLine } from '../terminal/harmless.ts';

const prefixLeast = 4;

/** By name, by id, or by how an id begins; each once, in the order in which they were named. Throws CommandError. */
export function findNodes(nodes: readonly NodeView[], names: readonly string[]): NodeView[] {
  return [...new Set(names.map((name) => findNode(nodes, name)))];
}

function findNode(nodes: readonly NodeView[], name: string): NodeView {
  const isPrefix = new RegExp(`^[0-9a-f]{${prefixLeast},32}$`).test(name);
  // A node says its name itself, also one that is another's id, or begins as it does.
  const meant = nodes.filter(({ id }) => id === name);
  const found =
    meant.length > 0 ? meant : nodes.filter((node) => node.name === name || (isPrefix && node.id.startsWith(name)));
  const [only] = found;
  if (only === undefined) throw new CommandError(`there is no node ${harmlessLine(name)}`);
  if (found.length > 1)
    throw new CommandError(
      `${harmlessLine(name)} are ${found.length} nodes: ${found.map(({ id }) => id).join(', ')}; say which by its id`,
    );
  return only;
}
