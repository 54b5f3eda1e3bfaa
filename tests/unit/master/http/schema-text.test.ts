import { expect, test } from 'vitest';
import { type Schema, schemaText } from '@sealcast/master/http/docs/schema-text';
import { Type } from 'typebox';

test.each([
  ['a text', Type.String(), 'string'],
  ['a text with a limit', Type.String({ maxLength: 64 }), 'string (up to 64)'],
  ['a number with limits', Type.Integer({ minimum: 1, maximum: 3600 }), 'integer (1 to 3600)'],
  ['a number whose limit nobody meets', Type.Integer({ minimum: 0, maximum: 2 ** 53 - 1 }), 'integer'],
  ['one of several', Type.Union([Type.Literal('a'), Type.Null()]), '"a" | null'],
  ['a list', Type.Array(Type.Boolean()), 'boolean[]'],
  ['a list of one of several', Type.Array(Type.Union([Type.Number(), Type.Null()])), '(number | null)[]'],
  ['a list of three', Type.Tuple([Type.Number(), Type.Number(), Type.Null()]), '[number, number, null]'],
  ['a map', Type.Record(Type.String(), Type.Integer()), '{ [name]: integer }'],
  ['nothing in particular', Type.Unknown(), 'anything'],
  ['an empty object', Type.Object({}), '{}'],
])('%s', (_, schema, text) => {
  expect(schemaText(schema as Schema)).toBe(text);
});

test('an object, with what may be missing and what a part is', () => {
  const inner = Type.Object({ at: Type.Integer({ description: 'Milliseconds' }) });
  expect(schemaText(Type.Object({ name: Type.String(), inner: Type.Optional(Type.Array(inner)) }))).toBe(
    ['{', '  name: string', '  inner?: {', '    at: integer  // Milliseconds', '  }[]', '}'].join('\n'),
  );
});
