// On which TCP ports a process listens, as the kernel tells.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

interface Listening {
  port: number;
  isLoopback: boolean;
}

const stateListening = '0A';
const loopback = /^(?:[0-9A-F]{6}7F|0{24}01000000|0{16}FFFF0000[0-9A-F]{6}7F)$/;

export function listeningPorts(pid: number): Listening[] {
  const inodes = new Set<string>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    const inode = /^socket:\[(\d+)\]$/.exec(target(`/proc/${pid}/fd/${name}`))?.[1];
    if (inode !== undefined) inodes.add(inode);
  }
  const rows = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n').slice(1),
  );
  return rows.flatMap((row) => {
    const [, local = '', , state, , , , , , inode = ''] = row.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (state !== stateListening || !inodes.has(inode)) return [];
    return [{ port: Number.parseInt(port, 16), isLoopback: loopback.test(address) }];
  });
}

function target(link: string): string {
  try {
    return readlinkSync(link);
  } catch {
    // It was closed meanwhile.
    return '';
  }
}
