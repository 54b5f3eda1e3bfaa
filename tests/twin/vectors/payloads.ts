// payloads.json: every rule of the CDDL, at its edges and beyond them.
import { zero } from '../bytes.ts';
import { encode, type Value } from '../cbor.ts';
import { withMember } from './bodies.ts';
import { controlled, type Edges, types, wrongTypes } from './edges.ts';
import { bodyInJson, inJson, type VectorFile } from './file.ts';
import { described, type Described, type Path, type Schema } from './shapes.ts';

interface Case {
  schema: Schema;
  name: string;
  value: Value;
}

function casesOf({ schema, base, members, arrays, maps, optional, called = '', more }: Described): {
  good: Case[];
  bad: Case[];
} {
  const [good, bad]: [Case[], Case[]] = [[{ schema, name: `${called}as it comes`, value: base }], []];
  const say = (cases: Case[], path: Path, what: string, member: Value | undefined) =>
    cases.push({ schema, name: `${called}${path.join('.')}: ${what}`, value: withMember(base, path, member) });
  const needed = (path: Path) => !optional?.some((name) => name === path.at(-1));

  for (const [path, type] of members) {
    const edges = [types[type], controlledOnce(type) ?? { good: [], bad: [] }];
    for (const [what, member] of edges.flatMap((edge) => edge.good)) say(good, path, what, member);
    for (const [what, member] of [...edges.flatMap((edge) => edge.bad), ...wrongTypes]) say(bad, path, what, member);
    if (typeof path.at(-1) === 'string') say(needed(path) ? bad : good, path, 'missing', undefined);
  }
  for (const [path, item, fewest, most] of arrays) {
    say(good, path, `${most} items`, Array(most).fill(item));
    if (fewest !== most) say(good, path, `${fewest} items`, Array(fewest).fill(item));
    say(bad, path, `${most + 1} items`, Array(most + 1).fill(item));
    if (fewest > 0) say(bad, path, `${fewest - 1} items`, Array(fewest - 1).fill(item));
    say(bad, path, 'a map', {});
    say(bad, path, 'null', null);
    say(bad, path, 'missing', undefined);
  }
  for (const path of maps) {
    say(bad, [...path, 'zzz'], 'a key that is not listed', 0);
    say(bad, path, 'null', null);
    say(bad, path, 'an array', []);
    if (typeof path.at(-1) === 'string') say(needed(path) ? bad : good, path, 'missing', undefined);
  }
  for (const key of ['zzz', '', 'toString', 'constructor', '__proto__']) {
    bad.push({
      schema,
      name: `${called}a key that is not listed, "${key}"`,
      value: Object.fromEntries([...Object.entries(base), [key, 0]]),
    });
  }
  for (const [name, value] of [
    ['null in place of the map', null],
    ['an array in place of the map', []],
    ['bytes in place of the map', zero(0)],
    ['an integer in place of the map', 0],
  ] satisfies [string, Value][]) {
    bad.push({ schema, name: `${called}${name}`, value });
  }
  good.push(...(more?.good ?? []).map(([name, value]) => ({ schema, name, value })));
  bad.push(...(more?.bad ?? []).map(([name, value]) => ({ schema, name, value })));
  return { good, bad };
}

let seen = new Set<string>();
function controlledOnce(type: keyof typeof types): Edges | undefined {
  if (seen.has(type)) return undefined;
  seen.add(type);
  return controlled[type];
}

export function payloadsFile(): VectorFile {
  seen = new Set();
  const cases = described.map(casesOf);
  return {
    about:
      'Bodies (PROTOCOL.md, Payloads), each in the one encoding of its value. schema names the rule of the CDDL. accepted: ' +
      'value and encoded; a byte string in a value is {"hex"}. refused: a value that breaks one rule at one place.',
    accepted: cases
      .flatMap(({ good }) => good)
      .map(({ schema, name, value }) => ({ schema, name, value: bodyInJson(value), encoded: inJson(encode(value)) })),
    refused: cases
      .flatMap(({ bad }) => bad)
      .map(({ schema, name, value }) => ({ schema, name, error: 'payload.schema', encoded: inJson(encode(value)) })),
  };
}
