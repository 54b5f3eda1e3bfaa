// The client's half of CurveZMQ's handshake (ZeroMQ RFC 26) by hand, so that each part of it can be made wrongly.
import { randomBytes } from 'node:crypto';
import { hsalsa, xsalsa20poly1305 } from '@noble/ciphers/salsa.js';
import { x25519 } from '@noble/curves/ed25519.js';
import { decodeZ85 } from '@sealcast/channel/z85';
import { command, frame, greeting, ZmtpPeer } from '../../stack/zmtp-peer.ts';
import type { Keys } from './attacked-master.ts';

const greetingBytes = 64;
const cookieBytes = 96;

function words(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(Uint8Array.from(bytes).buffer);
}

/** crypto_box of NaCl; 24 bytes of nonce. */
function box(secret: Uint8Array, publicKey: Uint8Array, nonce: Uint8Array) {
  const key = new Uint32Array(8);
  const sigma = words(Buffer.from('expand 32-byte k'));
  hsalsa(sigma, words(x25519.getSharedSecret(secret, publicKey)), new Uint32Array(4), key);
  return xsalsa20poly1305(new Uint8Array(key.buffer), nonce);
}

function named(name: string, ...parts: (Uint8Array | string)[]): Buffer {
  return Buffer.concat([Buffer.from([name.length]), ...[name, ...parts].map((part) => Buffer.from(part))]);
}

function counter(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

/** One handshake's, with a transient pair of its own. */
export class CurveClient implements Disposable {
  readonly peer: ZmtpPeer;
  readonly #server: Uint8Array;
  readonly #secret = x25519.utils.randomSecretKey();
  readonly #public = x25519.getPublicKey(this.#secret);
  /** The server's transient key, once it has let this one in. */
  #session: Uint8Array | undefined;
  #sent = 2;

  private constructor(peer: ZmtpPeer, serverKey: string) {
    this.peer = peer;
    this.#server = decodeZ85(serverKey);
  }

  /** Connected, and both have greeted as CURVE. */
  static async greeted(port: number, serverKey: string): Promise<CurveClient> {
    const client = new CurveClient(await ZmtpPeer.connect(port), serverKey);
    await client.peer.write(greeting('CURVE'));
    await client.peer.hears('CURVE');
    return client;
  }

  /** The body of HELLO, 200 bytes. */
  hello(): Buffer {
    const nonce = counter(1);
    const sealed = box(this.#secret, this.#server, Buffer.concat([Buffer.from('CurveZMQHELLO---'), nonce]));
    return named('HELLO', Buffer.from([1, 0]), Buffer.alloc(72), this.#public, nonce, sealed.encrypt(Buffer.alloc(64)));
  }

  async send(body: Uint8Array, flags = command): Promise<void> {
    await this.peer.write(frame(body, flags));
  }

  /** Sends HELLO; gives what WELCOME holds. */
  async welcomed(): Promise<{ server: Uint8Array; cookie: Buffer }> {
    await this.send(this.hello());
    await this.peer.hears('WELCOME');
    const body = await this.#body(2 + 8 + 16 + 144);
    const nonce = Buffer.concat([Buffer.from('WELCOME-'), body.subarray(8, 24)]);
    const opened = Buffer.from(box(this.#secret, this.#server, nonce).decrypt(body.subarray(24)));
    return { server: opened.subarray(0, 32), cookie: opened.subarray(32, 32 + cookieBytes) };
  }

  /** The body of INITIATE. `vouchedBy` is the secret key, in Z85, that says that the transient key belongs to `keys`. */
  initiate(
    { server, cookie }: { server: Uint8Array; cookie: Uint8Array },
    { publicKey, secretKey }: Keys,
    { vouchedBy = secretKey, metadata = metadataOf('PUSH') }: { vouchedBy?: string; metadata?: Uint8Array } = {},
  ): Buffer {
    const vouchNonce = randomBytes(16);
    const vouch = box(decodeZ85(vouchedBy), server, Buffer.concat([Buffer.from('VOUCH---'), vouchNonce]));
    const vouched = vouch.encrypt(Buffer.concat([this.#public, this.#server]));
    const nonce = counter(2);
    const sealed = box(this.#secret, server, Buffer.concat([Buffer.from('CurveZMQINITIATE'), nonce]));
    const plain = Buffer.concat([decodeZ85(publicKey), vouchNonce, vouched, metadata]);
    return named('INITIATE', cookie, nonce, sealed.encrypt(plain));
  }

  /** Through the whole handshake as a socket of `type`. @returns the server's Socket-Type; undefined where it is not let in */
  async shakes(keys: Keys, type: string, identity?: string): Promise<string | undefined> {
    try {
      const welcome = await this.welcomed();
      const before = this.peer.receivedBytes;
      await this.send(this.initiate(welcome, keys, { metadata: metadataOf(type, identity) }));
      await this.peer.hears('READY', 'ERROR');
      if (!this.peer.received.includes('READY')) return undefined;
      const at = this.peer.received.indexOf('READY', before);
      await this.peer.has(at + 'READY'.length + 8 + 16 + 'Socket-Type'.length + 5);
      const body = this.peer.received.subarray(at + 'READY'.length, before + 2 + (this.peer.received[before + 1] ?? 0));
      const nonce = Buffer.concat([Buffer.from('CurveZMQREADY---'), body.subarray(0, 8)]);
      const metadata = Buffer.from(box(this.#secret, welcome.server, nonce).decrypt(body.subarray(8)));
      const name = metadata.subarray(metadata.indexOf('Socket-Type') + 'Socket-Type'.length + 4).toString('latin1');
      this.#session = welcome.server;
      return /^[A-Z]+/.exec(name)?.[0];
    } catch (error) {
      if (this.peer.isClosed) return undefined;
      throw error;
    }
  }

  /** A message of one frame, once it is let in. */
  async say(text: string): Promise<void> {
    if (this.#session === undefined) throw new Error('it is not let in');
    this.#sent += 1;
    const nonce = counter(this.#sent);
    const sealed = box(this.#secret, this.#session, Buffer.concat([Buffer.from('CurveZMQMESSAGEC'), nonce]));
    await this.send(named('MESSAGE', nonce, sealed.encrypt(Buffer.from(`\0${text}`))), 0);
  }

  async #body(length: number): Promise<Buffer> {
    await this.peer.has(greetingBytes + length);
    return this.peer.received.subarray(greetingBytes + 2, greetingBytes + length);
  }

  [Symbol.dispose](): void {
    this.peer[Symbol.dispose]();
  }
}

function metadataOf(type: string, identity?: string): Buffer {
  const known = property('Socket-Type', type);
  return identity === undefined ? known : Buffer.concat([known, property('Identity', identity)]);
}

function property(name: string, value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return named(name, length, value);
}
