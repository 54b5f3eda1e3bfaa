import assert from 'node:assert/strict';
import { Refusal, refusalCodes } from '@sealcast/channel/errors';

/**
 * How a call ends: 'taken', or the code of its refusal. Another error is thrown on: nothing that a peer sends may bring it about.
 * A refusal says one code of the closed set and nothing else, so that nothing of the input can be in it.
 */
export function verdictOf(take: () => unknown): string {
  try {
    take();
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    checkSilent(error);
    return error.code;
  }
  return 'taken';
}

function checkSilent(error: Refusal): void {
  assert.ok(refusalCodes.includes(error.code), `${error.code} is no code of the closed set`);
  assert.equal(error.message, error.code);
  assert.equal(error.name, 'Refusal');
  const said = Object.keys(error).filter((key) => key !== 'code' && key !== 'name');
  assert.deepEqual(said, [], 'a refusal says its code alone');
  if (error.cause === undefined) return;
  assert.ok(error.cause instanceof Refusal, 'what caused a refusal could quote the input');
  checkSilent(error.cause);
}

/** The least that a text has to have in common with a secret to give it away. */
const tellingLength = 12;

/** Throws where `told` repeats twelve characters in a row of `secret`, but for those that stand in `known`. */
export function checkNotEchoed(told: string, secret: string, known = ''): void {
  for (let at = 0; at + tellingLength <= told.length; at++) {
    const part = told.slice(at, at + tellingLength);
    assert.ok(!secret.includes(part) || known.includes(part), `the input is echoed: ${JSON.stringify(part)}`);
  }
}
