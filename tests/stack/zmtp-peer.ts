// A peer that speaks ZMTP 3.1 (ZeroMQ RFC 37) byte by byte, and can therefore speak it wrongly. What needs CURVE takes a socket of
// zeromq's instead, which can also misbehave: by a message of any number of frames, or any number of subscriptions.
import { connect, type Socket } from 'node:net';

export type SocketType = 'PUSH' | 'SUB';

/** Flags of a frame. */
export const more = 1;
const long = 2;
export const command = 4;

export function greeting(mechanism: string, major = 3): Buffer {
  const bytes = Buffer.alloc(64);
  bytes.set([0xff, 0, 0, 0, 0, 0, 0, 0, 1, 0x7f, major, 1]);
  bytes.write(mechanism, 12, 'latin1');
  return bytes;
}

/** The header of a frame whose body is `length` bytes; the long form from 256 bytes on. */
export function frameHeader(length: number | bigint, flags = 0): Buffer {
  if (length < 256) return Buffer.from([flags, Number(length)]);
  const bytes = Buffer.alloc(9);
  bytes[0] = flags | long;
  bytes.writeBigUInt64BE(BigInt(length), 1);
  return bytes;
}

export function frame(body: Uint8Array | string, flags = 0): Buffer {
  const bytes = Buffer.from(body);
  return Buffer.concat([frameHeader(bytes.length, flags), bytes]);
}

function commandFrame(name: string, body: Uint8Array = Buffer.alloc(0)): Buffer {
  return frame(Buffer.concat([shortText(name), body]), command);
}

export function subscribe(topic: Uint8Array | string): Buffer {
  return commandFrame('SUBSCRIBE', Buffer.from(topic));
}

function shortText(text: string): Buffer {
  return Buffer.concat([Buffer.from([text.length]), Buffer.from(text, 'latin1')]);
}

function metadata(type: SocketType): Buffer {
  const value = Buffer.alloc(4);
  value.writeUInt32BE(type.length);
  return Buffer.concat([shortText('Socket-Type'), value, Buffer.from(type)]);
}

/** The whole of a client's handshake under NULL after its greeting. */
export function ready(type: SocketType): Buffer {
  return commandFrame('READY', metadata(type));
}

export class ZmtpPeer implements Disposable {
  readonly #socket: Socket;
  readonly #waiting = new Set<() => void>();
  #received: Buffer[] = [];
  #length = 0;
  isClosed = false;
  /** Resolves when the connection is closed, by whichever end. */
  readonly closed: Promise<void>;

  private constructor(socket: Socket) {
    this.#socket = socket;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(chunk);
      this.#length += chunk.length;
      this.#wake();
    });
    socket.on('error', () => undefined);
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      this.isClosed = true;
      resolve();
      this.#wake();
    });
  }

  /** Connected, and nothing said yet. `from` is an address of this machine: all of 127.0.0.0/8 is. */
  static async connect(port: number, from = '127.0.0.1'): Promise<ZmtpPeer> {
    const socket = connect({ host: '127.0.0.1', port, localAddress: from });
    const peer = new ZmtpPeer(socket);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.once('connect', resolve);
    socket.once('error', reject);
    await promise;
    return peer;
  }

  /** Through the handshake of NULL; rejects where the server closes before. */
  static async null(port: number, type: SocketType, from?: string): Promise<ZmtpPeer> {
    const peer = await ZmtpPeer.connect(port, from);
    await peer.write(Buffer.concat([greeting('NULL'), ready(type)]));
    await peer.hears('READY');
    return peer;
  }

  /** Through the handshake of PLAIN. */
  static async plain(
    port: number,
    type: SocketType,
    { user, password }: { user: string; password: string },
  ): Promise<ZmtpPeer> {
    const peer = await ZmtpPeer.connect(port);
    const credentials = Buffer.concat([shortText(user), shortText(password)]);
    await peer.write(Buffer.concat([greeting('PLAIN'), commandFrame('HELLO', credentials)]));
    await peer.hears('WELCOME');
    await peer.write(commandFrame('INITIATE', metadata(type)));
    await peer.hears('READY');
    return peer;
  }

  /** All that came so far. */
  get received(): Buffer {
    return Buffer.concat(this.#received);
  }

  get receivedBytes(): number {
    return this.#length;
  }

  /** Resolves when it is on its way, or the connection is closed: false then. */
  async write(bytes: Uint8Array): Promise<boolean> {
    if (this.isClosed) return false;
    if (this.#socket.write(bytes)) return true;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once('drain', resolve);
    await Promise.race([promise, this.closed]);
    return !this.isClosed;
  }

  /** Resolves when one of `texts` is among what came; rejects when the connection closes without it. */
  hears(...texts: string[]): Promise<void> {
    return this.#comes(texts.join(' or '), () => texts.some((text) => this.received.includes(text)));
  }

  /** Resolves when so many bytes came in all; rejects when the connection closes before. */
  has(length: number): Promise<void> {
    return this.#comes(`${length} bytes`, () => this.#length >= length);
  }

  async #comes(what: string, holds: () => boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const look = () => {
      if (holds()) resolve();
      else if (this.isClosed) reject(new Error(`the server closed before ${what}`));
    };
    this.#waiting.add(look);
    look();
    try {
      await promise;
    } finally {
      this.#waiting.delete(look);
    }
  }

  /** Reads no more. */
  deafen(): void {
    this.#socket.pause();
  }

  [Symbol.dispose](): void {
    this.#socket.destroy();
  }

  #wake(): void {
    for (const look of this.#waiting) look();
  }
}
