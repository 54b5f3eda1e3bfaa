import { expect, it } from 'vitest';
import { refusalCodes } from '@sealcast/channel/errors';
import { makeVectors } from '../twin/make-vectors.ts';
import { counts } from './counts.ts';
import { vectorFiles, Vector, vectorText } from './read-vectors.ts';

/** What no bytes of one frame, body or invite can bring about. */
const notOfBytes = [
  'frame.parts', // ZeroMQ's, not the frame's
  'join.busy', // of a number of joins
  'command.expired', // of the time
];

it('`npm run vectors` gives the files that are there, byte for byte', () => {
  const made = makeVectors();
  expect([...made.keys()].toSorted()).toEqual(vectorFiles());
  for (const [name, text] of made) expect(text === vectorText(name) ? name : `${name} differs`).toBe(name);
});

it('there are as many vectors as are known to be', () => {
  const parts = ['accepted', 'refused', 'series', 'joins', 'epochs', 'topics', 'aad'];
  const found = Object.fromEntries(
    vectorFiles().map((name) => {
      const file = Vector.file(name);
      return [
        name,
        Object.fromEntries(parts.filter((part) => file.has(part)).map((part) => [part, file.list(part).length])),
      ];
    }),
  );
  expect(found).toEqual(counts);
});

it('every file says what it is about, and every vector in it has a name of its own', () => {
  for (const name of vectorFiles()) {
    const file = Vector.file(name);
    expect(file.text('about').length).toBeGreaterThan(40);
    for (const part of ['accepted', 'refused', 'series']) {
      const vectors = file.has(part) ? file.list(part) : [];
      const names = vectors
        .filter((vector) => vector.has('name'))
        .map((vector) => `${vector.has('schema') ? vector.text('schema') : ''} ${vector.text('name')}`);
      expect(names.filter((one, index) => names.indexOf(one) !== index).map((one) => `${name}: ${one}`)).toEqual([]);
    }
  }
});

it('every error code that bytes alone can bring about has a vector', () => {
  const named = new Set(
    vectorFiles().flatMap((name) => {
      const file = Vector.file(name);
      const refused = file.has('refused') ? file.list('refused') : [];
      const steps = file.has('series') ? file.list('series').flatMap((series) => series.list('steps')) : [];
      return [
        ...refused.filter((vector) => vector.has('error')).map((vector) => vector.text('error')),
        ...steps.map((step) => step.text('verdict')).filter((verdict) => verdict !== 'taken'),
      ];
    }),
  );
  expect([...named].toSorted()).toEqual(refusalCodes.filter((code) => !notOfBytes.includes(code)).toSorted());
});
