/**
 * The one line that starts a node on a machine with Docker and a clone of the repository, where the master has nothing to install one
 * from. The invite goes into a file that the node alone reads: what a container has in its settings, every user of the engine sees.
 */
export function nodeLine(invite: string): string {
  return (
    `echo '${invite}' | sudo install -m 600 -o 36500 /dev/stdin deploy/pi/invite && ` +
    'docker compose -f deploy/pi/compose.yml up --detach --wait'
  );
}
