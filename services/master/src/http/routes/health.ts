import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { refusals } from '../errors.ts';
import { closed, NoQuery } from './schemas.ts';

const schema = {
  querystring: NoQuery,
  response: { 200: Type.Object({ status: Type.Literal('ok') }, closed), ...refusals },
};

export const healthRoute: FastifyPluginAsyncTypebox = async (app) => {
  app.get('/health', { schema }, () => ({ status: 'ok' as const }));
};
