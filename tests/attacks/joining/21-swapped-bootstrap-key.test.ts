// The attacker stands where the invite passes (a mail, a shared folder), swaps keys in it for his own and makes its checksum right
// again, for that keeps no secret. He also stands between the node and the master.
//
// The invite is the trust anchor: it pins the master whole, and a node knows of it nothing else. With one key swapped the others still
// pin the master, and the join fails. With all of them swapped it is a good invite of another master, his, and the node joins there:
// nothing in the node can tell. What can is a second way by which the master's key comes, `mq_transport_pub_key`, and the page of the
// true master, on which the node does not appear. Whoever reads an invite before it is spent can spend it: hence its expiry, and that
// it is spent once.
import { createHash, createPublicKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encode } from '@sealcast/channel/cbor';
import { systemEntropy } from '@sealcast/channel/entropy';
import { agree, importMlkem, newX25519 } from '@sealcast/channel/exchange';
import { FirstKeyOpener } from '@sealcast/channel/first-key';
import { openHello, parseHello, sealHello, wrappedKey } from '@sealcast/channel/hello';
import { formatInvite, type Invite, parseInvite } from '@sealcast/channel/invite';
import { firstKeys, firstTranscript, joinKeys, secondTranscript } from '@sealcast/channel/keys';
import { fingerprint } from '@sealcast/channel/master-keys';
import { offerHead, sealOffer } from '@sealcast/channel/offer';
import { sealRefusal } from '@sealcast/channel/refusal';
import { decodeZ85 } from '@sealcast/channel/z85';
import { HopServer } from '@sealcast/hop/server';
import { createLog } from '@sealcast/runtime/log';
import { expect, test, vi } from 'vitest';
import { curveKeyPair } from 'zeromq';
import { freePorts } from '../../../scripts/free-ports.ts';
import { ServiceProcess } from '../../stack/service-process.ts';
import { TestLink, Wire } from '../../stack/wire.ts';
import { risen } from '../messages/far-site.ts';
import { firstKey, Stranger } from './made-hello.ts';

const patient = { timeout: 120_000 };

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ownRsa = own.publicKey.export({ type: 'spki', format: 'der' });
const ownSigning = generateKeyPairSync('ed25519');
const ownSigningPublic = ownSigning.publicKey.export({ format: 'raw-public' });
const opener = new FirstKeyOpener({ rsaPrivate: own.privateKey, rsaSpki: ownRsa }, systemEntropy);

/** Everything of a HELLO that was encrypted to the attacker's RSA key. */
function opened(hello: Uint8Array, signing: Uint8Array) {
  const print = fingerprint(signing);
  const k0 = opener.open(wrappedKey(hello));
  const keys = firstKeys(k0, print);
  const plaintext = openHello(hello, keys.hello);
  return { k0, keys, plaintext, said: parseHello(plaintext), h1: firstTranscript(print, ownRsa, hello) };
}

/** Answers as the master would, but for the signing key. */
function offerTo({ k0, said, h1 }: ReturnType<typeof opened>): Buffer {
  const x25519 = newX25519(systemEntropy);
  const { ciphertext, sharedSecret } = systemEntropy.encapsulate(importMlkem(said.mlkem));
  const head = offerHead(x25519.publicKey, ciphertext);
  const h2 = secondTranscript(h1, head);
  const { wrap } = joinKeys(k0, agree(x25519.privateKey, said.x25519), sharedSecret, h2);
  return sealOffer(head, systemEntropy.bytes(12), systemEntropy.bytes(8), h2, wrap, ownSigning.privateKey);
}

/** The attacker's ports, to which his invites lead. */
class FalsePorts implements AsyncDisposable {
  readonly hellos: Uint8Array[] = [];
  /** What it answers, with the topic. */
  answer: (hello: Uint8Array) => [Uint8Array, Uint8Array][] = () => [];
  readonly hop: Pick<Invite, 'host' | 'data' | 'join' | 'curve'>;
  readonly #server: HopServer;

  private constructor([dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0]: number[]) {
    const curve = curveKeyPair();
    this.hop = {
      host: '127.0.0.1',
      data: [dataIn, dataOut],
      join: [joinIn, joinOut],
      curve: decodeZ85(curve.publicKey),
    };
    this.#server = new HopServer({
      host: '127.0.0.1',
      ports: { dataIn, dataOut, joinIn, joinOut },
      credentials: { mechanism: 'curve', ...curve },
      admits: () => true,
      open: true,
      log: createLog('test', 'silent'),
    });
  }

  static async start(): Promise<FalsePorts> {
    const ports = new FalsePorts(await freePorts([0, 0, 0, 0]));
    const take = (frame: Uint8Array) => {
      ports.hellos.push(Uint8Array.from(frame));
      for (const [topic, reply] of ports.answer(frame)) ports.#server.outlet.join(topic, reply);
    };
    await ports.#server.start({ join: take, data: () => undefined, refused: () => undefined });
    return ports;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.stop();
  }
}

test(
  'a public key swapped in the bootstrap is stopped by the pin: whose RSA key is another opens the HELLO, and is not joined',
  patient,
  async () => {
    await using wire = await Wire.start();
    await using ports = await FalsePorts.start();
    const honest = wire.link();
    await honest.open();
    const invite = parseInvite(wire.invite());
    const swapped = parseInvite(formatInvite({ ...invite, ...ports.hop, rsa: ownRsa }));
    const victim = new TestLink(swapped, {});
    ports.answer = (hello) => {
      const read = opened(hello, invite.signing);
      const { topic, refusal } = read.keys;
      const refused = sealRefusal(read.h1, systemEntropy.bytes(12), refusal, ownSigning.privateKey);
      return [offerTo(read), refused].map((frame) => [topic, frame]);
    };
    victim.link.start();
    await victim.hears((heard) => heard.type === 'refused' && heard.code === 'signature.offer');
    await victim.hears((heard) => heard.type === 'refused' && heard.code === 'signature.refusal');
    await victim.stop();
    expect(victim.heard.filter(({ type }) => type !== 'refused')).toEqual([]);

    // What he has read he can't pass on either: as it is, under the master's RSA key, or with a part of his own.
    const [hello = new Uint8Array(0)] = ports.hellos;
    const { k0, keys, plaintext, said } = opened(hello, invite.signing);
    expect(said.inviteCode).toEqual(Buffer.from(invite.code));
    const { wrapped } = firstKey(invite);
    const rewrapped = rewrap(k0, keys.hello, plaintext, invite);
    const counted = wire.fleet.refusals();
    using stranger = await Stranger.at(invite);
    await stranger.say(hello, Buffer.from(hello).fill(wrapped, 4, 260), rewrapped);
    await vi.waitFor(
      () => expect(risen(counted, wire.fleet.refusals())).toEqual({ 'join.open': 2, 'signature.hello': 1 }),
      { timeout: 30_000 },
    );
    expect(wire.fleet.nodes().map(({ id }) => id)).toEqual([honest.hex]);
    // The same machine with the invite as it was made.
    const told = wire.link();
    await told.open();
    await honest.answered();
  },
);

/** The node's own words, sealed and signed by the attacker, for the master's RSA key. */
function rewrap(k0: Uint8Array, helloKey: Uint8Array, plaintext: Buffer, invite: Invite): Buffer {
  const key = firstKeyOf(k0, invite);
  const print = fingerprint(invite.signing);
  return sealHello(parseHello(plaintext), key, systemEntropy.bytes(12), helloKey, print, ownSigning.privateKey);
}

function firstKeyOf(k0: Uint8Array, { rsa }: Invite): Uint8Array {
  return systemEntropy.wrapKey(createPublicKey({ key: Buffer.from(rsa), format: 'der', type: 'spki' }), k0);
}

test(
  'with the signing key swapped the master does not open the HELLO; with the hop alone swapped it is a relay, and no more',
  patient,
  async () => {
    await using wire = await Wire.start();
    await using ports = await FalsePorts.start();
    const invite = parseInvite(wire.invite());
    const counted = wire.fleet.refusals();
    const another = new TestLink(parseInvite(formatInvite({ ...invite, signing: ownSigningPublic })), {});
    another.link.start();
    await vi.waitFor(() => expect(wire.fleet.refusals()['join.open']).toBeGreaterThan(counted['join.open'] ?? 0), {
      timeout: 30_000,
    });
    await another.stop();
    // What the attacker's ports are told can be opened by the master alone.
    const led = new TestLink(parseInvite(formatInvite({ ...invite, ...ports.hop })), {});
    led.link.start();
    await vi.waitFor(() => expect(ports.hellos.length).toBeGreaterThan(0), { timeout: 30_000 });
    await led.stop();
    const [hello = new Uint8Array(0)] = ports.hellos;
    expect(() => opened(hello, invite.signing)).toThrow('join.open');
    expect([another.heard, led.heard]).toEqual([[], []]);
    expect(wire.fleet.nodes()).toEqual([]);
    const told = wire.link();
    await told.open();
  },
);

test(
  'with everything swapped it is another master, whom the node joins: the true one hears nothing of it',
  patient,
  async () => {
    await using wire = await Wire.start();
    await using other = await Wire.start();
    const counted = wire.fleet.refusals();
    const node = other.link();
    await node.open();
    expect(other.fleet.nodes()).toHaveLength(1);
    expect(wire.fleet.nodes()).toEqual([]);
    expect(risen(counted, wire.fleet.refusals())).toEqual({});
  },
);

test(
  'a node that was given the key by a second way says at its start that the invite is not of this master',
  patient,
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sealcast-'));
    await using wire = await Wire.start();
    await using other = await Wire.start();
    const line = wire.invite();
    const invite = parseInvite(line);
    const file = join(folder, 'transport.pub');
    const pem = createPublicKey({ key: Buffer.from(invite.rsa), format: 'der', type: 'spki' }).export({
      type: 'spki',
      format: 'pem',
    });
    writeFileSync(file, pem, { mode: 0o644 });
    const start = (name: string, mq_invite_code: string) =>
      new ServiceProcess('node', { mq_invite_code, mq_transport_pub_key: file, state_dir: join(folder, name) });
    try {
      const swapped = [formatInvite({ ...invite, rsa: ownRsa }), other.invite()];
      for (const [index, one] of swapped.entries()) {
        await using node = start(`swapped-${index}`, one);
        expect(await node.exited).not.toBe(0);
        expect(node.text).toContain('is not the key that the invite pins');
        expect(node.text).not.toContain(one.slice(0, 40));
      }
      // A key swapped without the checksum is no invite at all.
      const damaged = withoutChecksum({ ...invite, rsa: ownRsa }, line);
      await using broken = start('damaged', damaged);
      expect(await broken.exited).not.toBe(0);
      expect(broken.text).toContain('is not an invite, or a damaged one');
      expect([wire.fleet.nodes(), other.fleet.nodes()]).toEqual([[], []]);
      await using node = start('honest', line);
      await node.says('joined the master', 60_000);
      expect(wire.fleet.nodes()).toHaveLength(1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  },
);

/** Another body before the checksum of `line`. */
function withoutChecksum(invite: Invite, line: string): string {
  const prefix = 'sealcast1:';
  const check = Buffer.from(line.slice(prefix.length), 'base64url').subarray(-4);
  const body = encode({ ...invite });
  expect(createHash('sha256').update(body).digest().subarray(0, 4)).not.toEqual(check);
  return prefix + Buffer.concat([body, check]).toString('base64url');
}
