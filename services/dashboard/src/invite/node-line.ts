/**
 * The one line that starts a node on a machine with Docker. The invite is all that it needs to know; /proc, /sys and
 * os-release, read-only, and the machine's network show it the machine instead of its container.
 */
export function nodeLine(invite: string): string {
  return [
    // Through the environment of the shell: what stands in a command's arguments, everybody on the machine can read.
    `mq_invite_code='${invite}'`,
    'docker run -d --name sealcast --restart unless-stopped --network host',
    '--read-only --tmpfs /tmp --cap-drop ALL --security-opt no-new-privileges',
    '-v sealcast:/var/lib/sealcast/state',
    '-e host_root=/host -v /proc:/host/proc:ro -v /sys:/host/sys:ro -v /etc/os-release:/host/etc/os-release:ro',
    '-e mq_invite_code',
    'sealcast-node',
  ].join(' ');
}
