import { expect, test } from 'vitest';
import { harmless, harmlessLine } from '../../../services/dashboard/src/format/harmless.ts';

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
