// hop.json.
import { join, u8, zero } from '../bytes.ts';
import { encode, type Value } from '../cbor.ts';
import { formatHop, hopForm } from '../hop-line.ts';
import { base64url, lineOf } from '../line.ts';
import type { Body } from '../schemas.ts';
import { withMember } from './bodies.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import { draw, inviteCode } from './world.ts';

export const hop: Body = {
  host: 'relay.example',
  data: [36500, 36501],
  join: [36502, 36503],
  curve: draw('CURVE public key of a relay', 32),
  up: draw('CURVE public key that a relay shows', 32),
};

function accepted(name: string, fields: Body, line = formatHop(fields)) {
  return { name, fields: bodyInJson(fields), body: inJson(encode(fields)), line };
}

export function hopFile(): VectorFile {
  const { up: _, ...master } = hop;
  const body = encode(hop);
  const line = formatHop(hop);
  const letters = line.slice(hopForm.prefix.length);
  const bent = (member: string, value: Value | undefined) => lineOf(hopForm, encode(withMember(hop, [member], value)));
  const bad: [name: string, line: string][] = [
    ['nothing', ''],
    ['the prefix alone', hopForm.prefix],
    ['no prefix', letters],
    ['the prefix of version 2', `sealcast-hop2:${letters}`],
    ['the prefix of an invite', `sealcast1:${letters}`],
    ['cut by one letter', line.slice(0, -1)],
    ['a letter too many', `${line}A`],
    ['a letter changed', line.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))],
    ['padding', `${line}=`],
    ['a space inside', `${line.slice(0, 40)} ${line.slice(40)}`],
    ['no checksum', hopForm.prefix + base64url(body)],
    ['a byte after the CBOR', lineOf(hopForm, join(body, u8(0)))],
    ['CBOR that is no map', lineOf(hopForm, encode([]))],
    ['a key that is not listed', bent('zzz', 0)],
    ['a code, which an invite has', bent('code', inviteCode)],
    ...Object.keys(master).map((member): [string, string] => [`no ${member}`, bent(member, undefined)]),
    ['an empty host', bent('host', '')],
    ['a host of 65 bytes', bent('host', 'h'.repeat(65))],
    ['a host with a line break', bent('host', 'a\nb')],
    ['port 0', bent('data', [0, 36501])],
    ['port 65536', bent('join', [36502, 65536])],
    ['one port', bent('data', [36500])],
    ['a key of 31 bytes', bent('curve', draw('31 bytes', 31))],
    ['a key of zeros', bent('curve', zero(32))],
    ['an upper key of 33 bytes', bent('up', draw('33 bytes', 33))],
    ['an upper key of zeros', bent('up', zero(32))],
    ['an upper key that is null', bent('up', null)],
  ];
  return {
    about:
      'Hop lines (PROTOCOL.md, Relays). accepted: fields, their CBOR and the line, both ways (white space around a line is ' +
      'not written); a byte string in fields is {"hex"}. refused: each has one thing wrong.',
    accepted: [
      accepted('a relay', hop),
      accepted('a master', master),
      accepted('an IPv6 address for a host', { ...hop, host: '2001:db8::1' }),
      accepted('white space around the line', hop, `\n${line}  `),
    ],
    refused: bad.map(([name, one]) => ({ name, error: 'hop.malformed', line: one })),
  };
}
