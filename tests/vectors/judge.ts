// Runs vectors and says which were not met, by their names.
import { bodyInJson } from '../twin/vectors/file.ts';
import type { Value } from '../twin/cbor.ts';
import { counts } from './counts.ts';
import { type Json, Vector } from './read-vectors.ts';

type Part = 'accepted' | 'refused' | 'series' | 'joins' | 'epochs' | 'topics' | 'aad';

export interface Outcome {
  /** the vectors that were looked at */
  ran: number;
  /** those that were not met, and how */
  faults: string[];
}

/** @param meet throws where the vector is not met */
export function meetAll(file: string, part: Part, meet: (vector: Vector) => void): Outcome {
  const outcome: Outcome = { ran: 0, faults: [] };
  for (const vector of Vector.file(file).list(part)) {
    outcome.ran++;
    try {
      meet(vector);
    } catch (error) {
      const name = vector.has('name') ? vector.text('name') : `number ${outcome.ran}`;
      outcome.faults.push(`${file}, ${part}, ${name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  return outcome;
}

/** As many as there are known to be, and no faults. */
export function allMet(file: string, part: Part): Outcome {
  return { ran: counts[file]?.[part] ?? Number.NaN, faults: [] };
}

/** A decoded body, in the form that vectors have. */
export function bodyOf(value: unknown): Json {
  return JSON.parse(JSON.stringify(bodyInJson(value as Value)));
}

/** A body of a vector, with byte strings in place of { hex }. */
export function valueOf(json: Json): Value {
  if (Array.isArray(json)) return json.map(valueOf);
  if (json === null || typeof json !== 'object') return json;
  const { hex, ...others } = json;
  if (typeof hex === 'string' && Object.keys(others).length === 0) return Uint8Array.fromHex(hex);
  return Object.fromEntries(Object.entries(json).map(([name, inner]) => [name, valueOf(inner)]));
}
