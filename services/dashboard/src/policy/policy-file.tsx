import type { JSX } from 'preact';

/** Where a node's policy stands, as far as it can be known from here. */
export function PolicyFile(): JSX.Element {
  return (
    <>
      <code>/etc/sealcast-node/policy</code> where the line of <i>Add a node</i> installed it, else what its{' '}
      <code>policy_file</code> names
    </>
  );
}
