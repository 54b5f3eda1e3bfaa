import { expect, test } from 'vitest';
import { programFault, splitArguments } from '../../../services/dashboard/src/broadcast/argument-line.ts';

test.each<[string, string[] | null]>([
  ['', []],
  ['   ', []],
  ['restart nginx', ['restart', 'nginx']],
  ['  many\t  spaces ', ['many', 'spaces']],
  [`'two words' "and 'these'"`, ['two words', "and 'these'"]],
  [`--name="a b"c`, ['--name=a bc']],
  [`'' ""`, ['', '']],
  [String.raw`a\ b $HOME ; * > /x`, ['a\\', 'b', '$HOME', ';', '*', '>', '/x']],
  [`open 'quote`, null],
])('the line %j is the arguments %j', (line, given) => {
  expect(splitArguments(line)).toEqual(given);
});

const longest = 'x'.repeat(256);

test.each<[string, string, string | null]>([
  ['/bin/true', '', null],
  [`/${'ü'.repeat(127)}x`, `${longest} `.repeat(32), null],
  ['', '', 'Name the program to run.'],
  ['true', '', 'Name the program with its whole path, from /.'],
  [`/${'ü'.repeat(128)}`, '', 'The path is too long: 257 of 256 bytes.'],
  ['/bin/true', 'a "b', 'A quote is not closed.'],
  ['/bin/true', 'a '.repeat(33), 'There are 33 arguments; a node takes 32.'],
  ['/bin/true', `a ${longest}x`, 'Argument 2 is longer than 256 bytes.'],
  ['/bin/true', 'a\u0007b', 'A control character stands in it.'],
  ['/bin/true', 'half \ud83d', 'A control character stands in it.'],
])('the program %j with %j: %j', (program, line, fault) => {
  expect(programFault(program, line)).toBe(fault);
});
