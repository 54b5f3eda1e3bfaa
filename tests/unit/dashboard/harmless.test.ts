import { expect, test } from 'vitest';
import { harmless, harmlessLine, harmlessValue } from '../../../services/dashboard/src/format/harmless.ts';

test.each([
  ['lines\r\nand\ttabs\n', 'lines\nand\ttabs\n'],
  ['<b>&amp;</b>', '<b>&amp;</b>'],
  ['\u001b[31mred\u0007\u0000\u007f', '␛[31mred␇␀␡'],
  ['over\rwritten', 'over␍written'],
  ['next\u0085line', 'next⟨U+0085⟩line'],
  ['turned \u202egpj.exe', 'turned ⟨U+202E⟩gpj.exe'],
  ['hid\u200bden \ufeff\u2066', 'hid⟨U+200B⟩den ⟨U+FEFF⟩⟨U+2066⟩'],
  ['tag \u{e0041}', 'tag ⟨U+E0041⟩'],
  ['größer 日本 📡 é', 'größer 日本 📡 é'],
])('%j is shown as %j', (text, shown) => {
  expect(harmless(text)).toBe(shown);
});

test('where there is one line only, a line end is a picture too', () => {
  expect(harmlessLine('a\nb\tc')).toBe('a␊b␉c');
});

test('of what the master tells every text is made harmless; those of several lines keep them', () => {
  const view = {
    name: 'pi\u202e3',
    facts: { gpus: ['a\u200bb'] },
    action: { type: 'text', text: 'one\ntwo' },
    receipts: [{ detail: 'a\u001b[2Jb', output: 'one\ntwo', at: null }],
    at: [1, null],
  };
  expect(JSON.parse(JSON.stringify(view), harmlessValue)).toEqual({
    name: 'pi⟨U+202E⟩3',
    facts: { gpus: ['a⟨U+200B⟩b'] },
    action: { type: 'text', text: 'one\ntwo' },
    receipts: [{ detail: 'a␛[2Jb', output: 'one\ntwo', at: null }],
    at: [1, null],
  });
});
