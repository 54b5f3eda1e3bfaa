// What goes over a container's network, put together again as each end got it.
import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { createInterface } from 'node:readline';
import { docker } from './docker.ts';

const image = 'sealcast-test-tcpdump';

/** One direction of one TCP connection. */
export interface Flow {
  fromPort: number;
  toPort: number;
  bytes: Buffer;
}

/** Listens to `container` from now on. What comes back waits until `last` has been heard, and gives all that was said. */
export async function listenTo(container: string, filter: string): Promise<(last: string) => Promise<Flow[]>> {
  await docker(['build', '-q', '-t', image, '-f', 'tests/containers/tcpdump.Dockerfile', 'tests/containers']);
  const caps = ['--cap-drop=ALL', '--cap-add=NET_RAW'];
  const tcpdump = ['-i', 'any', '-Z', 'root', '--immediate-mode', '-U', '-s', '0', '-B', '16384', '-w', '-', filter];
  const child = spawn('docker', ['run', '--rm', '-i', ...caps, `--network=container:${container}`, image, ...tcpdump]);
  let captured = Buffer.alloc(0);
  const heard = new EventEmitter();
  child.stdout.on('data', (chunk: Buffer) => {
    captured = Buffer.concat([captured, chunk]);
    heard.emit('more');
  });
  const complaints: string[] = [];
  const { promise: listening, resolve, reject } = Promise.withResolvers<void>();
  createInterface({ input: child.stderr }).on('line', (line) => {
    complaints.push(line);
    if (line.includes('listening on')) resolve();
  });
  child.once('close', (code) => reject(new Error(`tcpdump ended with ${code}: ${complaints.join('\n')}`)));
  await listening;
  return async (last) => {
    while (!captured.includes(last)) await once(heard, 'more');
    child.kill('SIGINT');
    await once(child, 'close');
    if (!complaints.some((line) => line.startsWith('0 packets dropped by kernel')))
      throw new Error(`the capture is not whole: ${complaints.join('\n')}`);
    return flowsOf(captured);
  };
}

// Bytes before the IP header, and where the EtherType stands, by pcap's link type: "cooked" captures of `-i any`.
const linkTypes = new Map([
  [113, { header: 16, type: 14 }],
  [276, { header: 20, type: 0 }],
]);

/** Reads a pcap file of tcpdump's. Throws on anything but TCP over IPv4. */
function flowsOf(pcap: Buffer): Flow[] {
  if (pcap.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('not a pcap file');
  const link = linkTypes.get(pcap.readUInt32LE(20));
  if (link === undefined) throw new Error(`link type ${pcap.readUInt32LE(20)}`);
  const segments = new Map<string, { fromPort: number; toPort: number; at: Map<number, Buffer> }>();
  for (let offset = 24; offset < pcap.length; ) {
    const length = pcap.readUInt32LE(offset + 8);
    const packet = pcap.subarray(offset + 16, offset + 16 + length);
    offset += 16 + length;
    if (packet.readUInt16BE(link.type) !== 0x0800) continue;
    const ip = packet.subarray(link.header);
    const tcp = ip.subarray(((ip[0] ?? 0) & 15) * 4, ip.readUInt16BE(2));
    const payload = tcp.subarray(((tcp[12] ?? 0) >> 4) * 4);
    if (payload.length === 0) continue;
    const [fromPort, toPort] = [tcp.readUInt16BE(0), tcp.readUInt16BE(2)];
    const key = `${ip.toString('hex', 12, 20)} ${fromPort} ${toPort}`;
    const flow = segments.get(key) ?? { fromPort, toPort, at: new Map() };
    segments.set(key, flow);
    // A segment that is sent again, or seen on two interfaces, is the same segment.
    flow.at.set(tcp.readUInt32BE(4), payload);
  }
  return [...segments.values()].map(({ fromPort, toPort, at }) => {
    const inOrder = [...at].toSorted(([a], [b]) => a - b).map(([, payload]) => payload);
    return { fromPort, toPort, bytes: Buffer.concat(inOrder) };
  });
}
