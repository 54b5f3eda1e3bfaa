import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatHop } from '@sealcast/channel/hop-line';
import { initSettings } from '@sealcast/init/settings';
import { masterSettings } from '@sealcast/master/settings';
import { nodeSettings } from '@sealcast/node/settings';
import { relaySettings } from '@sealcast/relay/settings';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Every `#name=value` of .env.example. */
const example = new Map(
  [...read('.env.example').matchAll(/^#([a-z0-9_]+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
);
const composeFiles = [
  'docker-compose.yml',
  ...['direct', 'host', 'proxy', 'proxy-network', 'relay'].map((name) => `deploy/compose.${name}.yml`),
  'deploy/pi/compose.yml',
];
/** Settings with what they are where they are not set; where that is another setting, it is that one's. */
function composedIn(text: string): { name: string; value: string | undefined }[] {
  return [...text.matchAll(/\$\{([a-zA-Z0-9_]+)(:-((?:[^{}]|\{[^{}]*\})*))?\}/g)].flatMap(([, name = '', , value]) => {
    const [other] = composedIn(value ?? '');
    return other === undefined ? [{ name, value }] : [{ name, value: other.value }, other];
  });
}
const composed = composeFiles.flatMap((file) => composedIn(read(file)));

/** The names in a service's `const spec = { … }`. */
function settingsOf(service: string): string[] {
  const spec = /const spec = \{\n(.*?)\n\};/s.exec(read(`services/${service}/src/settings.ts`))?.[1] ?? '';
  return [...spec.matchAll(/^ {2}([a-z_]+): /gm)].map(([, name = '']) => name);
}

test('every line of .env.example is a remark, empty, or a setting that is commented out', () => {
  const odd = read('.env.example')
    .split('\n')
    .filter((line) => !/^(# .*|#|#[a-z0-9_]+=\S*|)$/.test(line));
  expect(odd).toEqual([]);
});

test('compose finds every setting that it takes in .env.example, with the same default', () => {
  expect(composed.length).toBeGreaterThan(30);
  expect(composed.filter(({ name }) => !example.has(name))).toEqual([]);
  // Where it is left empty, the program's own default holds.
  const given = composed.filter(({ value }) => value !== '');
  expect(given.map(({ name, value }) => `${name}=${value}`)).toEqual(
    given.map(({ name }) => `${name}=${example.get(name)}`),
  );
});

test('compose passes on what guards the ports, to whom it concerns', () => {
  const compose = read('docker-compose.yml');
  const of = (service: string) => new RegExp(`^  ${service}:\n(.*?)\n\n`, 'ms').exec(compose)?.[1] ?? '';
  for (const name of ['mq_mechanism', 'mq_zap_file', 'mq_zap_command'])
    expect(of('master')).toContain(`      ${name}: \${${name}:-}\n`);
  // What stands in the invites that it makes.
  expect(of('init')).toContain('      mq_mechanism: ${mq_mechanism:-}\n');
});

test('compose lets init see what .env sets for the master and the nodes, so that it tells their faults too', () => {
  const document = read('docker-compose.yml');
  const setBy = (key: string) =>
    [
      ...(new RegExp(`^( *)${key}.*\\n((?:\\1 +.*\\n)+)`, 'm').exec(document)?.[2] ?? '').matchAll(
        /: \$\{(\w+):-\}$/gm,
      ),
    ].map(([, name = '']) => name);
  const others = [...setBy('environment: &master-settings'), ...setBy('x-node-settings:')];
  expect(others.length).toBeGreaterThan(10);
  const init = new RegExp(`^  init:\n(.*?)\n\n`, 'ms').exec(document)?.[1] ?? '';
  expect(others.filter((name) => !init.includes(`      ${name}: \${${name}:-}\n`))).toEqual([]);
});

test('compose lets init see what says which of the nodes run', () => {
  const document = read('docker-compose.yml');
  const replicas = [...document.matchAll(/replicas: "(.+)"/g)].flatMap(([, value = '']) => composedIn(value));
  const names = new Set(replicas.map(({ name }) => name));
  expect([...names].toSorted()).toEqual(['demo_node_1', 'demo_node_2', 'demo_node_3', 'demo_nodes']);
  const init = /^  init:\n(.*?)\n\n/ms.exec(document)?.[1] ?? '';
  expect([...names].filter((name) => !init.includes(`      ${name}: \${${name}:-}\n`))).toEqual([]);
});

// A relay has no default for where it stands.
const hop = formatHop({ host: 'x', data: [1, 2], join: [3, 4], curve: new Uint8Array(32).fill(1) });

describe.each([
  ['init', initSettings],
  ['master', masterSettings],
  ['node', nodeSettings],
  ['relay', (env: NodeJS.ProcessEnv) => relaySettings({ mq_upstream: hop, mq_public_host: 'x', ...env })],
] as const)('%s', (service, settings) => {
  test('has each of its settings in .env.example', () => {
    const names = settingsOf(service);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !example.has(name))).toEqual([]);
  });

  test('has by itself the default that .env.example says', () => {
    const defaults = Object.entries(settings({}))
      .map(([name, value]) => ({ name, own: String(value ?? ''), said: example.get(name) ?? '' }))
      // Some have none, or an example in its place.
      .filter(({ own, said }) => own !== '' && said !== '');
    expect(defaults.length).toBeGreaterThan(2);
    expect(defaults.filter(({ own, said }) => own !== said)).toEqual([]);
  });
});

test('.env.example has no setting that nobody reads', () => {
  const taken = new Set([
    ...composed.map(({ name }) => name),
    ...['init', 'master', 'node', 'relay'].flatMap(settingsOf),
  ]);
  expect([...example.keys()].filter((name) => !taken.has(name))).toEqual([]);
});
