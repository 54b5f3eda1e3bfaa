import { createHash } from 'node:crypto';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { ApiDocument } from '../docs/api-document.ts';
import { docsPage } from '../docs/page.ts';
import { style } from '../docs/style.ts';
import { refusals } from '../errors.ts';
import { NoQuery } from './schemas.ts';

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;
/** Nothing but its own style: less than the page of the fleet may do. */
const contentSecurityPolicy = {
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    styleSrc: [styleHash],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
};

const schemas = {
  page: {
    tags: ['docs'],
    summary: 'The API, to be read',
    querystring: NoQuery,
    response: {
      200: { description: 'A page without a script.', content: { 'text/html': { schema: Type.String() } } },
      ...refusals,
    },
  },
  json: {
    tags: ['docs'],
    summary: 'The API, for programs',
    querystring: NoQuery,
    response: { 200: Type.Unsafe<object>({ description: 'An OpenAPI document.' }), ...refusals },
  },
};

export const docsRoutes: FastifyPluginAsyncTypebox<{ basePath: string }> = async (app, { basePath }) => {
  // Plain JSON: the schemas hold more than they say.
  const document = (): ApiDocument => JSON.parse(JSON.stringify(app.swagger()));
  app.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  app.get('/docs', { schema: schemas.page, helmet: { contentSecurityPolicy } }, async (_request, reply) =>
    reply.type('text/html; charset=utf-8').send(docsPage(document(), basePath)),
  );

  app.get('/docs/json', { schema: schemas.json }, () => document());
};
