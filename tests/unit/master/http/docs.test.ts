import { Validator } from '@seriousme/openapi-schema-validator';
import { expect, test } from 'vitest';
import type { ApiDocument, Content, Operation } from '@sealcast/master/http/docs/api-document';
import { tokenCheck } from '@sealcast/master/metrics/metrics-token';
import { figures } from '../metrics/figures.ts';
import { testServer } from './test-server.ts';

const metrics = { showsToken: tokenCheck('m'.repeat(43)), figures: () => figures };

type Document = ApiDocument & { servers: object[]; components: { securitySchemes: Record<string, object> } };

async function described(basePath = '') {
  const routes: { name: string; isOfThePage: boolean }[] = [];
  const server = await testServer({ basePath, metrics });
  server.app.addHook('onRoute', ({ method, url, schema }) => {
    // Static files, and the way to them.
    const isOfThePage = schema?.hide === true;
    for (const one of [method].flat()) routes.push({ name: `${one} ${url}`, isOfThePage });
  });
  const answer = await server.app.inject({ url: `${basePath}/docs/json`, headers: await server.signIn() });
  const document = answer.json<Document>();
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );
  return { server, routes, answer, document, operations, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

test('the document is valid OpenAPI 3.1', async () => {
  await using api = await described();
  expect(api.answer.statusCode).toBe(200);
  const { valid, errors } = await new Validator().validate({ ...structuredClone(api.document) });
  expect(errors).toBeUndefined();
  expect(valid).toBe(true);
  expect(api.document.openapi).toBe('3.1.0');
});

test.each(['', '/sealcast'])('below "%s" every route is in it, and nothing else', async (basePath) => {
  await using api = await described(basePath);
  const served = api.routes
    .filter(({ isOfThePage }) => !isOfThePage)
    .map(({ name }) => name.replace(` ${basePath}`, ' ').replaceAll(/:(\w+)/g, '{$1}'));
  expect(served.length).toBeGreaterThan(20);
  expect(api.operations.map(({ name }) => name).toSorted()).toEqual(served.toSorted());
  expect(api.document.servers).toEqual([{ url: basePath === '' ? '/' : basePath }]);
});

test('only the files of the page are left out', async () => {
  await using api = await described('/sealcast');
  const hidden = api.routes.filter(({ isOfThePage }) => isOfThePage).map(({ name }) => name);
  expect([...new Set(hidden)].toSorted()).toEqual(['GET /sealcast', 'GET /sealcast/*', 'HEAD /sealcast/*']);
});

test('each says what it is for, what it takes, and what it answers, refusals included', async () => {
  await using api = await described();
  const tags = api.document.tags.map(({ name }) => name);
  const lacking = api.operations.filter(({ name, operation }) => {
    const { '4XX': refused, '5XX': failed, ...done } = operation.responses;
    const isRefusal = (one: typeof refused) => JSON.stringify(schemaOf(one) ?? {}).includes('"required":["error"]');
    const isTold = ([status, one]: [string, Operation['responses'][string]]) =>
      status === '204' ? one.description === 'Done.' : schemaOf(one) !== undefined;
    const isWhole =
      operation.summary !== undefined &&
      tags.includes(operation.tags?.[0] ?? '') &&
      (!name.startsWith('POST') || schemaOf(operation.requestBody) !== undefined) &&
      isRefusal(refused) &&
      isRefusal(failed) &&
      Object.keys(done).length > 0 &&
      Object.entries(done).every(isTold);
    return !isWhole;
  });
  expect(lacking).toEqual([]);
});

function schemaOf(holder: Content | undefined): object | undefined {
  return Object.values(holder?.content ?? {})[0]?.schema;
}

test('what it says of who may is what the routes do', async () => {
  await using api = await described();
  expect(api.document.security).toEqual([{ session: [] }]);
  expect(Object.keys(api.document.components.securitySchemes)).toEqual(['session', 'metricsToken']);
  const open = new Set<string>();
  for (const { name } of api.operations) {
    const [method = '', path = ''] = name.split(' ');
    const url = path.replace('{id}', 'a'.repeat(name.includes('invites') ? 64 : 32));
    const { statusCode } = await api.server.app.inject({ method: method as 'GET', url });
    if (statusCode !== 401) open.add(name);
  }
  const saidOpen = api.operations.filter(({ operation }) => operation.security?.length === 0).map(({ name }) => name);
  expect([...open].toSorted()).toEqual(saidOpen.toSorted());
  expect(saidOpen.toSorted()).toEqual(['GET /api/health', 'GET /api/ready', 'POST /api/session']);
});

test('whoever is not signed in reads no docs', async () => {
  await using server = await testServer();
  for (const url of ['/docs', '/docs/json']) {
    const answer = await server.app.inject(url);
    expect([answer.statusCode, answer.body]).toEqual([401, '{"error":"Nobody is signed in."}']);
  }
});

test('the page names every route, and may do nothing but look as it does', async () => {
  await using api = await described('/sealcast');
  const { headers, body } = await api.server.app.inject({
    url: '/sealcast/docs',
    headers: await api.server.signIn(),
  });
  expect(headers['content-type']).toBe('text/html; charset=utf-8');
  expect(headers['content-security-policy']).toMatch(
    /^default-src 'none';style-src 'sha256-[A-Za-z0-9+/]{43}=';base-uri 'none';form-action 'none';frame-ancestors 'none'$/,
  );
  for (const { name } of api.operations) {
    const [method = '', path = ''] = name.split(' ');
    expect(body).toContain(`${method}</b><code>${path}</code>`);
  }
  expect(body).toContain('href="/sealcast/docs/json"');
  expect(body).not.toMatch(/<script|style="|\son\w+=/);
});

test('the policy of every other page is as it was', async () => {
  await using api = await described();
  const { headers } = await api.server.app.inject('/');
  expect(headers['content-security-policy']).toBe(
    "default-src 'none';script-src 'self';style-src 'self';img-src 'self' data:;connect-src 'self';form-action 'self';base-uri 'none';frame-ancestors 'none'",
  );
});
