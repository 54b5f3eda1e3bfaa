import { describe, expect, it } from 'vitest';
import { decodeBody, encodeBody } from '@sealcast/channel/body';
import { encode } from '@sealcast/channel/cbor';
import {
  askSchema,
  commandSchema,
  factsSchema,
  leaveSchema,
  receiptSchema,
  reportSchema,
  welcomeSchema,
  type Facts,
} from '@sealcast/channel/payloads';
import { commandTo, refusalOf, sample, welcome } from './parties.ts';

const facts: Facts = {
  name: 'node-1',
  os: 'Debian GNU/Linux 13',
  kernel: '',
  arch: 'arm64',
  version: '0.1.0',
  vendor: '',
  model: '',
  cpu: { model: '', cores: 4, threads: 4 },
  memory: 8_000_000_000,
  boot: 0,
  disks: [{ name: 'mmcblk0', model: '', size: 32_000_000_000 }],
  gpus: [],
  addresses: ['10.0.0.2', 'fe80::1'],
};
const id = new Uint8Array(16).fill(7);

function report(change: object): unknown {
  return { samples: [{ ...sample, ...change }] };
}

describe('a body', () => {
  it('reads back as it was written', () => {
    expect(decodeBody(reportSchema, encodeBody(reportSchema, { samples: [sample] }))).toEqual({ samples: [sample] });
    expect(decodeBody(factsSchema, encodeBody(factsSchema, facts))).toEqual(facts);
    expect(decodeBody(welcomeSchema, encodeBody(welcomeSchema, welcome))).toEqual(welcome);
    expect(decodeBody(leaveSchema, encodeBody(leaveSchema, {}))).toEqual({});
  });

  it.each<[string, unknown]>([
    ['an unknown key', { samples: [], more: 1 }],
    ['an unknown key inside', report({ more: 1 })],
    ['a key that is the name of a prototype', JSON.parse('{"samples":[],"__proto__":1}')],
    ['a key that every object inherits', { samples: [], constructor: 1 }],
    ['no samples', {}],
    ['another type', []],
    ['null', null],
    ['65 samples', { samples: Array.from({ length: 65 }, () => sample) }],
    ['number 0', report({ number: 0 })],
    ['a number with a fraction', report({ number: 1.5 })],
    ['a negative time', report({ at: -1 })],
    ['a percentage above 100', report({ cpu: 100.5 })],
    ['a negative percentage', report({ cpu: -0.5 })],
    ['two loads', report({ load: [1, 2] })],
    ['four loads', report({ load: [1, 2, 3, 4] })],
    ['a rate above 10¹⁵', report({ load: [1e15 + 1, 0, 0] })],
    ['1025 cores', report({ cores: Array.from({ length: 1025 }, () => 0) })],
    ['absolute cold', report({ temperatures: [{ name: 'cpu', celsius: -273.5 }] })],
    ['an empty name', report({ temperatures: [{ name: '', celsius: 1 }] })],
    ['a name of 65 bytes', report({ temperatures: [{ name: 'n'.repeat(65), celsius: 1 }] })],
    ['a name of 64 letters and 66 bytes', report({ temperatures: [{ name: `${'n'.repeat(62)}üü`, celsius: 1 }] })],
    ['a name with a line break', report({ temperatures: [{ name: 'a\nb', celsius: 1 }] })],
    ['a name with DEL', report({ temperatures: [{ name: 'a\u007f', celsius: 1 }] })],
    ['a name with a C1 control', report({ temperatures: [{ name: 'a\u0085', celsius: 1 }] })],
    ['text for a number', report({ cpu: '1' })],
    ['bytes for text', report({ temperatures: [{ name: new Uint8Array(3), celsius: 1 }] })],
  ])('of a report is refused with %s', (_, body) => {
    expect(refusalOf(() => decodeBody(reportSchema, encode(body)))).toBe('payload.schema');
  });

  it('takes what lies exactly at its limits', () => {
    const edge = {
      ...sample,
      cpu: 100,
      load: [0, 1e15, 0.5],
      at: Number.MAX_SAFE_INTEGER,
      temperatures: [
        { name: 'ü'.repeat(32), celsius: -273 },
        { name: 'a b', celsius: 1000 },
      ],
    };
    expect(decodeBody(reportSchema, encode({ samples: [edge] }))).toEqual({ samples: [edge] });
    expect(() => decodeBody(reportSchema, encode({ samples: Array.from({ length: 64 }, () => sample) }))).not.toThrow();
  });

  it.each<[string, unknown]>([
    ['another type of action', { type: 'shell', text: 'ls' }],
    ['no action', undefined],
    ['an empty text', { type: 'text', text: '' }],
    ['a text of 4097 bytes', { type: 'text', text: 'x'.repeat(4097) }],
    ['a carriage return', { type: 'text', text: 'a\r\n' }],
    ['the key of another action', { type: 'text', text: 'a', seconds: 1 }],
    ['an interval of 0', { type: 'interval', seconds: 0 }],
    ['an interval of an hour and a second', { type: 'interval', seconds: 3601 }],
  ])('of a command is refused with %s', (_, action) => {
    const { action: __, ...rest } = commandTo(id);
    const body = action === undefined ? rest : { ...rest, action };
    expect(refusalOf(() => decodeBody(commandSchema, encode(body)))).toBe('payload.schema');
  });

  it('of a command may hold lines and tabs', () => {
    const body = commandTo(id, 'one\n\ttwo');
    expect(decodeBody(commandSchema, encodeBody(commandSchema, body))).toEqual(body);
  });

  it.each([[[]], [new Uint8Array(0)], [null], [{ more: 1 }], [0]])('of a leave is refused as %j', (body) => {
    expect(refusalOf(() => decodeBody(leaveSchema, encode(body)))).toBe('payload.schema');
  });

  it('of a receipt has a detail or none', () => {
    const bare = { command: id, outcome: 'done' } as const;
    expect(decodeBody(receiptSchema, encode(bare))).toEqual(bare);
    expect(decodeBody(receiptSchema, encode({ ...bare, detail: '' }))).toEqual({ ...bare, detail: '' });
    expect(refusalOf(() => decodeBody(receiptSchema, encode({ ...bare, detail: null })))).toBe('payload.schema');
    expect(refusalOf(() => decodeBody(receiptSchema, encode({ ...bare, outcome: 'lost' })))).toBe('payload.schema');
    const short = { ...bare, command: new Uint8Array(15) };
    expect(refusalOf(() => decodeBody(receiptSchema, encode(short)))).toBe('payload.schema');
  });

  it.each([[[2, 1]], [[1, 1]], [[0, 1]], [Array.from({ length: 65 }, (_, index) => index + 1)]])(
    'of an ask is refused with %j',
    (missing) => {
      expect(refusalOf(() => decodeBody(askSchema, encode({ epoch: 1, missing })))).toBe('payload.schema');
    },
  );

  it('of an ask takes 64 ascending numbers, and epoch 0', () => {
    const ask = { epoch: 0, missing: Array.from({ length: 64 }, (_, index) => 3 * index + 1) };
    expect(decodeBody(askSchema, encode(ask))).toEqual(ask);
  });

  it('that does not fit its schema is not written, and the error names the place', () => {
    const wrong = { samples: [{ ...sample, cpu: 101 }] };
    expect(() => encodeBody(reportSchema, wrong)).toThrow(/^body: samples\.0\.cpu: /);
    expect(() => encodeBody(factsSchema, { ...facts, name: 'half \ud800' })).toThrow(/^body: name: /);
  });

  it('in another encoding is refused before its schema is looked at', () => {
    expect(refusalOf(() => decodeBody(leaveSchema, Uint8Array.of(0xbf, 0xff)))).toBe('payload.encoding');
    expect(refusalOf(() => decodeBody(leaveSchema, new Uint8Array(0)))).toBe('payload.encoding');
  });
});
