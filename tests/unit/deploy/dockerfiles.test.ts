// What a linter for Dockerfiles says, and the part of CIS Docker Benchmark 1.7.0, section 4, that can be read in them.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { validate, ValidationSeverity } from 'dockerfile-utils';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: root,
  encoding: 'utf8',
});
const files = listed.split('\0').filter((path) => /(^|[./])Dockerfile(\.|$)/.test(basename(path)));

/** Every rule that can be left out is asked for. */
const strict = {
  deprecatedMaintainer: ValidationSeverity.ERROR,
  directiveCasing: ValidationSeverity.ERROR,
  emptyContinuationLine: ValidationSeverity.ERROR,
  instructionCasing: ValidationSeverity.ERROR,
  instructionCmdMultiple: ValidationSeverity.ERROR,
  instructionEntrypointMultiple: ValidationSeverity.ERROR,
  instructionHealthcheckMultiple: ValidationSeverity.ERROR,
  instructionJSONInSingleQuotes: ValidationSeverity.ERROR,
  instructionUnnecessaryArgument: ValidationSeverity.ERROR,
  instructionWorkdirRelative: ValidationSeverity.ERROR,
};

function lint(text: string): string[] {
  return validate(text, strict).map(({ message, range }) => `${range.start.line + 1}: ${JSON.stringify(message)}`);
}

interface Instruction {
  name: string;
  text: string;
}

/** The stages, each with its instructions; a stage that begins with another one has that one's too. */
function stagesOf(text: string): { name: string; instructions: Instruction[] }[] {
  const lines = text
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  const stages: { name: string; instructions: Instruction[] }[] = [];
  for (const line of lines) {
    const [, name = '', rest = ''] = /^([A-Z]+)\s+(.*)$/.exec(line.trim()) ?? [];
    if (name === 'FROM') {
      const [from = '', , as = ''] = rest.replace(/^(--\S+\s+)+/, '').split(/\s+/);
      const base = stages.find((stage) => stage.name === from);
      stages.push({ name: as, instructions: [...(base?.instructions ?? [])] });
    } else if (name !== '') stages.at(-1)?.instructions.push({ name, text: rest });
  }
  return stages;
}

test('the Dockerfiles are found, and the linter finds what is wrong in one', () => {
  expect(files).toEqual(expect.arrayContaining(['Dockerfile.master', 'Dockerfile.node']));
  const bad = 'from x\nMAINTAINER me\nHEALTHCHECK --intervall=1s CMD x\nUSERR me\n';
  expect(lint(bad)).toEqual([
    expect.stringMatching(/^1: .*uppercase/),
    expect.stringMatching(/^2: .*deprecated/),
    expect.stringMatching(/^3: .*intervall/),
    expect.stringMatching(/^4: .*USERR/),
  ]);
});

test('what both Dockerfiles are built of is the same in both', () => {
  const [master = [], node = []] = ['Dockerfile.master', 'Dockerfile.node'].map((file) =>
    readFileSync(join(root, file), 'utf8').split(/^# What the images are built on.*\n|^# ---- .*\n/m),
  );
  expect([master.length, node.length]).toEqual([3, 3]);
  expect(stagesOf(node[1] ?? '').map(({ name }) => name)).toContain('node-files-arm64');
  expect(master[1]).toBe(node[1]);
});

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(root, file), 'utf8');

  test('the linter has nothing to say', () => {
    expect(lint(text)).toEqual([]);
  });

  test('nothing of it is fetched from elsewhere, and no secret is handed in', () => {
    expect(text).not.toMatch(/^#\s*syntax=/m);
    for (const { instructions } of stagesOf(text)) {
      const names = instructions.map(({ name }) => name);
      // 4.9: ADD unpacks, and fetches.
      expect(names).not.toContain('ADD');
      // 4.10.
      const handed = instructions.filter(({ name }) => name === 'ARG' || name === 'ENV').map((one) => one.text);
      expect(handed.filter((one) => /secret|password|token|private/i.test(one))).toEqual([]);
      // 4.7: an update alone is kept in a layer, and installs nothing new afterwards.
      for (const one of instructions.filter(({ name }) => name === 'RUN').map((run) => run.text)) {
        expect(/apt-get[^&]*\bupdate\b/.test(one)).toBe(/apt-get[^&]*\b(install|download)\b/.test(one));
        expect(one).not.toMatch(
          /curl[^|]*\|\s*(ba)?sh|--allow-unauthenticated|chmod\s+[ugo+]*s\b|chmod\s+[2467]\d{3}\b/,
        );
      }
    }
  });
});

/** The images that run: the last of each of these stages is what Compose and bake start. */
const running = [
  ['Dockerfile.master', 'init', false],
  ['Dockerfile.master', 'master', true],
  ['Dockerfile.node', 'node', true],
  ['Dockerfile.node', 'relay', true],
] as const;

test.each(running)('%s: %s runs as a user of its own, and says how it is', (file, stage, isLong) => {
  const found = stagesOf(readFileSync(join(root, file), 'utf8')).find(({ name }) => name === stage);
  const of = (name: string): string[] =>
    (found?.instructions ?? []).filter((one) => one.name === name).map((one) => one.text);
  // 4.1.
  expect(of('USER').at(-1)).toBe('36500:36500');
  // 4.6; init ends by itself.
  expect(of('HEALTHCHECK').length > 0).toBe(isLong);
  expect(of('ENTRYPOINT').at(-1)).toMatch(/^\[/);
});
