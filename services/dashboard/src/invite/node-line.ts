/** The one line that starts a node on a machine with Docker; the invite is all that it needs to know. */
export function nodeLine(invite: string): string {
  return [
    'docker run -d --name sealcast-node --restart unless-stopped --hostname "$(hostname)"',
    '-v sealcast-node:/var/lib/sealcast/state',
    `-e mq_invite_code='${invite}'`,
    'sealcast-node:0.1.0',
  ].join(' ');
}
