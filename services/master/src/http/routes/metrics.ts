import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Metrics } from '../../metrics/metrics.ts';
import type { ShowsToken } from '../../metrics/metrics-token.ts';
import { HttpError, refusals } from '../errors.ts';
import { NoQuery } from './schemas.ts';

export interface MetricsOptions {
  showsToken: ShowsToken;
  metrics: Metrics;
}

const schema = {
  tags: ['metrics'],
  summary: 'The fleet and the master, for Prometheus',
  description: 'Text format 0.0.4. Made anew once a second at most.',
  security: [{ metricsToken: [] }],
  querystring: NoQuery,
  response: {
    200: { description: 'In text format 0.0.4.', content: { 'text/plain': { schema: Type.String() } } },
    ...refusals,
  },
};

/** For Prometheus, which signs in by a token of its own: it reads this, and nothing else. */
export const metricsRoute: FastifyPluginAsyncTypebox<MetricsOptions> = async (app, { showsToken, metrics }) => {
  app.addHook('onRequest', async (request, reply) => {
    void reply.header('cache-control', 'no-store');
    if (showsToken(request.headers.authorization)) return;
    void reply.header('www-authenticate', 'Bearer');
    throw new HttpError('metrics.token');
  });
  app.get('/metrics', { schema }, async (_request, reply) =>
    reply.type(metrics.contentType).send(await metrics.text()),
  );
};
