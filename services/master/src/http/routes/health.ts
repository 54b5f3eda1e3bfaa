import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { refusals } from '../errors.ts';
import { closed, NoQuery } from './schemas.ts';

const schema = {
  tags: ['health'],
  summary: 'Whether the master runs',
  description: 'Liveness: a master that does not answer this should be started again.',
  security: [],
  querystring: NoQuery,
  response: { 200: Type.Object({ status: Type.Literal('ok') }, closed), ...refusals },
};

export const healthRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health', { schema }, () => ({ status: 'ok' as const }));
};
