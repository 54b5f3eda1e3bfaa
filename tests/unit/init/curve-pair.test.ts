import { curveKeyPair } from 'zeromq';
import { expect, test } from 'vitest';
import { curvePair } from '@sealcast/init/curve-pair';

// The client's test keys of zmq_curve(7).
const secret = 'D:)Q[IlAW!ahhC2ac:9*A}h:p?([4%wOTJ%JR%cs';
const shown = 'Yne@$w-vo<fVvi]a<NY6T1ed:M$fCG*[IaLV{hID';

test('the public half is derived as ZeroMQ derives it', () => {
  for (let round = 0; round < 20; round++) {
    const { publicKey, secretKey } = curveKeyPair();
    const derived = curvePair.publicOf(Buffer.from(secretKey));
    expect(curvePair.writePublic(derived).toString()).toBe(`${publicKey}\n`);
  }
});

test("the public half of ZeroMQ's example key is the one in its manual", () => {
  expect(curvePair.writePublic(curvePair.publicOf(Buffer.from(secret))).toString()).toBe(`${shown}\n`);
});

test('a new key is 40 characters on a line', () => {
  expect(curvePair.make().toString()).toMatch(/^[0-9a-zA-Z.:+=^!/*?&<>()[\]{}@%$#-]{40}\n$/);
});

test.each([
  ['with a line end', `${shown}\n`],
  ['with the line end of Windows', `${shown}\r\n`],
  ['with none', shown],
])('a public key is read %s', (_, text) => {
  expect(curvePair.readPublic(Buffer.from(text))).toHaveLength(32);
});

test.each([
  ['nothing', ''],
  ['39 characters', shown.slice(1)],
  ['45 characters', `${shown}00000`],
  ['two lines', `${shown}\n${shown}\n`],
  ['a character that Z85 has not', `"${shown.slice(1)}`],
  ['a group that is too large', `#####${shown.slice(5)}`],
])('a file with %s holds no CURVE key', (_, text) => {
  expect(() => curvePair.readPublic(Buffer.from(text))).toThrow('holds no CURVE key');
  expect(() => curvePair.publicOf(Buffer.from(text))).toThrow('holds no CURVE key');
});
