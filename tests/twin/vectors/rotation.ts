// rotation.json: the signatures of ROTATE.
import { flip, join, zero } from '../bytes.ts';
import { masterFingerprint } from '../key-schedule.ts';
import { ed25519Public, ed25519Sign } from '../primitives.ts';
import { makeRotate, rotateSigned } from '../rotation.ts';
import { inJson, type VectorFile } from './file.ts';
import { draw, fingerprint, identitySeed, nodeId, otherSigningSeed } from './world.ts';

const newSeed = draw('next identity', 32);
const strangerSeed = draw('identity of a stranger', 32);
const [oldIdentity, newIdentity] = [ed25519Public(identitySeed), ed25519Public(newSeed)];
const signed = rotateSigned(fingerprint, nodeId, oldIdentity, newIdentity);
const sound = { identity: newIdentity, old: ed25519Sign(identitySeed, signed), new: ed25519Sign(newSeed, signed) };

function signedOver(bytes: Uint8Array): object {
  return { ...sound, old: ed25519Sign(identitySeed, bytes), new: ed25519Sign(newSeed, bytes) };
}

const refused: [name: string, rotate: object][] = [
  ['a bit of the old signature', { ...sound, old: flip(sound.old, 0) }],
  ['a bit of the new signature', { ...sound, new: flip(sound.new, -1) }],
  ['signatures of zeros', { ...sound, old: zero(64), new: zero(64) }],
  ['the two signatures changed round', { ...sound, old: sound.new, new: sound.old }],
  ['both signatures by the old identity', { ...sound, new: sound.old }],
  ['both signatures by the new identity', { ...sound, old: sound.new }],
  ['the old signature by a stranger', { ...sound, old: ed25519Sign(strangerSeed, signed) }],
  ['another new identity than was signed', { ...sound, identity: ed25519Public(strangerSeed) }],
  [
    "a stranger's new identity with its own signature, and the old one of the sound",
    { identity: ed25519Public(strangerSeed), old: sound.old, new: ed25519Sign(strangerSeed, signed) },
  ],
  [
    'signed for another master',
    signedOver(rotateSigned(masterFingerprint(ed25519Public(otherSigningSeed)), nodeId, oldIdentity, newIdentity)),
  ],
  [
    'signed for another node',
    signedOver(rotateSigned(fingerprint, draw('id of another node', 16), oldIdentity, newIdentity)),
  ],
  ['signed with old and new changed round', signedOver(rotateSigned(fingerprint, nodeId, newIdentity, oldIdentity))],
  ['signed without the old identity', signedOver(join(signed.subarray(0, -64), newIdentity))],
  ['signed without "sealcast/1 rotate"', signedOver(join(fingerprint, nodeId, oldIdentity, newIdentity))],
  [
    'a new identity of small order, for which anybody can sign',
    (() => {
      const identity = join(Uint8Array.of(1), zero(31));
      const bytes = rotateSigned(fingerprint, nodeId, oldIdentity, identity);
      const byAnybody = join(Uint8Array.of(0x58), new Uint8Array(31).fill(0x66), Uint8Array.of(1), zero(31));
      return { identity, old: ed25519Sign(identitySeed, bytes), new: byAnybody };
    })(),
  ],
];

export function rotationFile(): VectorFile {
  return {
    about:
      "The signatures of ROTATE (PROTOCOL.md, A new identity). given: the master, the node and its identity in the master's " +
      'roster. accepted: a body, and whether the identity in it is another one than the roster has; with both seeds, that the ' +
      'body is made of them. refused: bodies in which a signature is not what it has to be.',
    given: inJson({ masterFingerprint: fingerprint, nodeId, identity: oldIdentity }),
    accepted: [
      {
        name: 'another identity',
        isNew: true,
        oldSeed: identitySeed,
        newSeed,
        signed,
        ...makeRotate(fingerprint, nodeId, identitySeed, newSeed),
      },
      {
        name: 'the identity that the roster has, whose signatures are not looked at',
        isNew: false,
        identity: oldIdentity,
        old: zero(64),
        new: zero(64),
      },
    ].map(inJson),
    refused: refused.map(([name, rotate]) => inJson({ name, error: 'signature.rotate', ...rotate })),
  };
}
