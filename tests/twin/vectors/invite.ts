// invite.json and z85.json.
import { flip, join, text, u8, zero } from '../bytes.ts';
import { encode, type Value } from '../cbor.ts';
import { formatHop } from '../hop-line.ts';
import { formatInvite, inviteForm } from '../invite.ts';
import { base64url, lineOf } from '../line.ts';
import { sha256 } from '../primitives.ts';
import { spki } from '../rsa.ts';
import type { Body } from '../schemas.ts';
import { toZ85 } from '../z85.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import { withMember } from './bodies.ts';
import { hop } from './hop.ts';
import { draw, inviteCode, otherRsa, rsa, signing } from './world.ts';

const invite: Body = {
  host: 'master.example',
  data: [36500, 36501],
  join: [36502, 36503],
  rsa: spki(rsa),
  signing,
  mechanism: 'curve',
  curve: draw('CURVE public key of the master', 32),
  code: inviteCode,
  expires: 1_800_086_400,
};

function accepted(name: string, fields: Body, line = formatInvite(fields)) {
  return { name, fields: bodyInJson(fields), body: inJson(encode(fields)), line };
}

const withoutHop: Body = Object.fromEntries(
  Object.entries(invite).filter(([member]) => member !== 'mechanism' && member !== 'curve'),
);

function lineOfBody(bytes: Uint8Array): string {
  return lineOf(inviteForm, bytes);
}

function refused(): [name: string, line: string][] {
  const line = formatInvite(invite);
  const body = encode(invite);
  const bent = (member: string, value: Value | undefined) => lineOfBody(encode(withMember(invite, [member], value)));
  const letters = line.slice('sealcast1:'.length);
  return [
    ['nothing', ''],
    ['the prefix alone', 'sealcast1:'],
    ['no prefix', letters],
    ['the prefix of version 2', `sealcast2:${letters}`],
    ['the prefix in capitals', `SEALCAST1:${letters}`],
    ['cut by one letter', line.slice(0, -1)],
    ['cut by half', line.slice(0, line.length / 2)],
    ['a letter too many', `${line}A`],
    ['a letter changed', line.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['padding', `${line}=`],
    ['a space inside', `${line.slice(0, 40)} ${line.slice(40)}`],
    ['a line break inside', `${line.slice(0, 40)}\n${line.slice(40)}`],
    ['letters of base64 in place of base64url', `sealcast1:${letters.replaceAll('-', '+').replaceAll('_', '/')}`],
    ['a bit of the checksum', `sealcast1:${base64url(flip(join(body, sha256(body).subarray(0, 4)), -1))}`],
    ['no checksum', `sealcast1:${base64url(body)}`],
    ['three bytes, fewer than a checksum has', `sealcast1:${base64url(zero(3))}`],
    ['a checksum of nothing', lineOfBody(zero(0))],
    ['a byte after the CBOR', lineOfBody(join(body, u8(0)))],
    ['CBOR of indefinite length', lineOfBody(join(u8(0xbf), body.subarray(1), u8(0xff)))],
    ['CBOR that is no map', lineOfBody(encode([]))],
    ['a key that is not listed', bent('zzz', 0)],
    ...Object.keys(invite).map((member): [string, string] => [`no ${member}`, bent(member, undefined)]),
    ['an empty host', bent('host', '')],
    ['a host of 65 bytes', bent('host', 'h'.repeat(65))],
    ['a host with a line break', bent('host', 'a\nb')],
    ['port 0', bent('data', [0, 36501])],
    ['port 65536', bent('join', [36502, 65536])],
    ['one port', bent('data', [36500])],
    ['three ports', bent('join', [36502, 36503, 36504])],
    ['an RSA key of 255 bytes', bent('rsa', zero(255))],
    ['an RSA key of 301 bytes', bent('rsa', zero(301))],
    ['an RSA key that is none', bent('rsa', zero(294))],
    ['an RSA key with e = 3', bent('rsa', spki({ ...otherRsa, e: 3n }))],
    ['an RSA key of 2040 bits', bent('rsa', spki({ ...otherRsa, n: otherRsa.n >> 8n }))],
    ['an RSA key with a byte after it', bent('rsa', join(spki(rsa), u8(0)))],
    ['a signing key of 31 bytes', bent('signing', signing.slice(0, 31))],
    ['a CURVE key of 33 bytes', bent('curve', draw('33 bytes', 33))],
    ['a CURVE key of zeros', bent('curve', zero(32))],
    ['PLAIN with a CURVE key', bent('mechanism', 'plain')],
    ['NULL with a CURVE key', bent('mechanism', 'null')],
    ['a mechanism that nobody has', bent('mechanism', 'gssapi')],
    ['a mechanism in capitals', bent('mechanism', 'CURVE')],
    ['no mechanism and no CURVE key', lineOfBody(encode({ ...withoutHop, curve: zero(32) }))],
    ['PLAIN with a CURVE key of 31 zeros', lineOfBody(encode({ ...withoutHop, mechanism: 'plain', curve: zero(31) }))],
    ['a hop line', formatHop(hop)],
    ['a code of 15 bytes', bent('code', inviteCode.slice(0, 15))],
    ['an expiry before 1970', bent('expires', -1)],
    ['an expiry with a fraction', bent('expires', 0.5)],
    ['an install hash of 31 bytes', bent('install', zero(31))],
    ['an install hash of 33 bytes', bent('install', zero(33))],
    ['an install hash that is text', bent('install', 'a'.repeat(32))],
    ['an install hash of null', bent('install', null)],
  ];
}

export function inviteFile(): VectorFile {
  const line = formatInvite(invite);
  return {
    about:
      'Invites (PROTOCOL.md, The invite). accepted: fields, their CBOR and the line, both ways (white space around a line ' +
      'is not written); a byte string in fields is {"hex"}. refused: each has one thing wrong.',
    accepted: [
      accepted('a name for a host', invite),
      accepted('an IPv6 address for a host', { ...invite, host: '2001:db8::1' }),
      accepted('PLAIN', { ...invite, mechanism: 'plain', curve: zero(32) }),
      accepted('NULL', { ...invite, mechanism: 'null', curve: zero(32) }),
      accepted('the largest of everything', {
        ...invite,
        host: 'h'.repeat(64),
        data: [65535, 1],
        join: [1, 65535],
        expires: 9_007_199_254_740_991,
      }),
      accepted('an expiry of 0, which the master judges', { ...invite, expires: 0 }),
      accepted('what installs a node', { ...invite, install: sha256(text('an install program')) }),
      accepted('white space around the line', invite, ` \t${line}\r\n`),
    ],
    refused: refused().map(([name, bad]) => ({ name, error: 'invite.malformed', line: bad })),
  };
}

export function z85File(): VectorFile {
  const bytes = [
    zero(0),
    // The example of RFC 32.
    Uint8Array.of(0x86, 0x4f, 0xd2, 0x6f, 0xb5, 0x59, 0xf7, 0x5b),
    zero(4),
    new Uint8Array(4).fill(0xff),
    zero(32),
    new Uint8Array(32).fill(0xff),
    draw('a CURVE key', 32),
    text('Sealcast'),
  ];
  return {
    about:
      'Z85 (ZeroMQ RFC 32), in which CURVE keys stand in files. accepted: both ways. refused: text that has no bytes. It is ' +
      'never on the wire, so there is no error code.',
    accepted: bytes.map((one) => ({ bytes: inJson(one), z85: toZ85(one) })),
    refused: [
      ['four characters', 'Hell'],
      ['six characters', 'HelloW'],
      ['a space, which is not in the alphabet', 'Hel o'],
      ['a quote, which is not in the alphabet', 'Hel"o'],
      ['a letter beyond ASCII', 'Hellö'],
      ['a backslash, which is not in the alphabet', 'Hel\\o'],
      ['2³², one above the largest group', '%nSc1'],
      ['the largest group of characters', '#####'],
    ].map(([name, z85]) => ({ name, z85 })),
  };
}
