import { EnvelopeKey } from '@sealcast/channel/envelope';
import { describe, expect, it } from 'vitest';
import { join, same, toHex, u8, zero } from '../twin/bytes.ts';
import { aadBytes, metadataBytes, type Route } from '../twin/envelope.ts';
import { gcmOpen, gcmSeal, sha256 } from '../twin/primitives.ts';
import { channel } from './channel-subject.ts';
import { allMet, meetAll } from './judge.ts';
import { Vector } from './read-vectors.ts';
import { scriptedEntropy } from './scripted-entropy.ts';
import { twin } from './twin-subject.ts';

describe.each([channel, twin])('the $name', (subject) => {
  it('derives every key of every join', () => {
    const outcome = meetAll('key-schedule', 'joins', (vector) => {
      const fingerprint = subject.masterFingerprint(vector.bytes('signingPublicKey'));
      const K0 = vector.bytes('K0');
      const first = subject.firstKeys(fingerprint, K0);
      const h1 = subject.h1(fingerprint, vector.bytes('rsaPublicKeySpki'), vector.bytes('helloFrame'));
      const h2 = subject.h2(h1, vector.bytes('offerFrame'));
      const [x25519, mlkem] = [vector.bytes('x25519SharedSecret'), vector.bytes('mlkemSharedSecret')];
      const keys = subject.joinKeys(h2, K0, x25519, mlkem);
      expectBytes(vector, {
        masterFingerprint: fingerprint,
        masterId: subject.masterId(vector.bytes('signingPublicKey')),
        helloKey: first.hello,
        refusalKey: first.refusal,
        joinTopic: first.joinTopic,
        h1,
        h2,
        wrapKey: keys.wrap,
        confirmKey: keys.confirm,
        upKey: keys.up,
        downKey: keys.down,
        topic: keys.topic,
        hopProof: subject.hopProof(h2, vector.bytes('hopSharedSecret')),
      });
      expect(toHex(sha256(vector.bytes('rsaPublicKeySpki')))).toBe(vector.at('rsaHash'));
    });
    expect(outcome).toEqual(allMet('key-schedule', 'joins'));
  });

  it('derives every key of every epoch', () => {
    const outcome = meetAll('key-schedule', 'epochs', (vector) => {
      const { broadcast, epochId, epochTopic } = subject.epochKeys(vector.bytes('epochKey'));
      expectBytes(vector, { broadcastKey: broadcast, epochId, epochTopic });
    });
    expect(outcome).toEqual(allMet('key-schedule', 'epochs'));
  });

  it('derives every topic', () => {
    const [schedule] = Vector.file('key-schedule').list('joins');
    const outcome = meetAll('topics', 'topics', (vector) => {
      if (vector.has('joinTopic')) {
        const { joinTopic } = subject.firstKeys(vector.bytes('masterFingerprint'), vector.bytes('K0'));
        expectBytes(vector, { joinTopic });
      } else if (vector.has('epochTopic')) {
        expectBytes(vector, { epochTopic: subject.epochKeys(vector.bytes('epochKey')).epochTopic });
      } else {
        // PRK is never seen outside; it is the one of the first join of key-schedule.json.
        if (!schedule || !same(schedule.bytes('PRK'), vector.bytes('PRK'))) throw new Error('another PRK');
        const shared = [schedule.bytes('x25519SharedSecret'), schedule.bytes('mlkemSharedSecret')] as const;
        const { topic } = subject.joinKeys(schedule.bytes('h2'), schedule.bytes('K0'), ...shared);
        expectBytes(vector, { topic });
      }
    });
    expect(outcome).toEqual(allMet('topics', 'topics'));
  });
});

describe('the channel', () => {
  it('seals and opens under every AAD', () => {
    const outcome = meetAll('aad', 'aad', (vector) => {
      const [key, keyId, nonce] = [zero(32), vector.bytes('keyId'), vector.bytes('nonce')];
      const [metadata, aad] = [vector.bytes('metadata'), vector.bytes('aad')];
      const direction = (['up', 'down', 'group'] as const)[vector.number('direction') - 1] ?? 'up';
      const ends = [vector.bytes('sender'), vector.bytes('target')] as const;
      const envelope = new EnvelopeKey(key, keyId, direction, ...ends, vector.number('epoch'));
      const plaintext = join(u8(vector.number('kind')), zero(5));
      const sealed = envelope.seal(
        vector.number('kind'),
        vector.number('sequence'),
        zero(5),
        scriptedEntropy({ bytes: [nonce] }),
      );
      expect(toHex(sealed.subarray(0, 32))).toBe(vector.at('metadata'));
      expect(gcmOpen(key, nonce, aad, Uint8Array.from(sealed.subarray(32)))).toEqual(plaintext);
      expect(toHex(envelope.open(join(metadata, gcmSeal(key, nonce, aad, plaintext))))).toBe(toHex(plaintext));
    });
    expect(outcome).toEqual(allMet('aad', 'aad'));
  });
});

describe('the twin', () => {
  it('writes every metadata and AAD', () => {
    const outcome = meetAll('aad', 'aad', (vector) => {
      const metadata = metadataBytes({
        kind: vector.number('kind'),
        keyId: vector.bytes('keyId'),
        sequence: BigInt(vector.text('sequence')),
        nonce: vector.bytes('nonce'),
      });
      const route: Route = {
        direction: vector.number('direction'),
        sender: vector.bytes('sender'),
        target: vector.bytes('target'),
        epoch: BigInt(vector.text('epoch')),
      };
      expectBytes(vector, { metadata, aad: aadBytes(metadata, route) });
    });
    expect(outcome).toEqual(allMet('aad', 'aad'));
  });
});

function expectBytes(vector: Vector, members: Record<string, Uint8Array>): void {
  for (const [name, bytes] of Object.entries(members))
    expect(`${name} ${toHex(bytes)}`).toBe(`${name} ${vector.text(name)}`);
}
