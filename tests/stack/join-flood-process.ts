// Strangers from many addresses who say one HELLO after another, each as it should be but for its invite, which nobody made. In a process
// of its own: it needs all of a core.
import { setTimeout } from 'node:timers/promises';
import { parseInvite } from '@sealcast/channel/invite';
import { encodeZ85 } from '@sealcast/channel/z85';
import { curveKeyPair, Push } from 'zeromq';
import { helloTo } from '../attacks/joining/made-hello.ts';

export interface JoinFlood {
  line: string;
  /** Of 127.0.0.0/8. */
  addresses: string[];
}

const different = 100;
/** Where it has just been cut off. */
const betweenMs = 10;

function flood({ line, addresses }: JoinFlood): void {
  const invite = parseInvite(line);
  const hellos = Array.from({ length: different }, () => Buffer.from(helloTo(invite).hello));
  for (const address of addresses) void say(address);

  async function say(address: string): Promise<void> {
    const { publicKey, secretKey } = curveKeyPair();
    const socket = new Push({
      linger: 0,
      immediate: true,
      sendHighWaterMark: 20,
      reconnectInterval: 20,
      curvePublicKey: publicKey,
      curveSecretKey: secretKey,
      curveServerKey: encodeZ85(invite.curve),
    });
    socket.connect(`tcp://${address}:0;127.0.0.1:${invite.join[0]}`);
    for (;;) for (const hello of hellos) await socket.send(hello).catch(() => setTimeout(betweenMs));
  }
}

function isFlood(message: unknown): message is JoinFlood {
  return typeof message === 'object' && message !== null && 'addresses' in message;
}

process.on('message', (message) => isFlood(message) && flood(message));
process.on('disconnect', () => process.exit(0));
