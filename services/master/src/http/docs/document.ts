// The API described by itself: the routes' own schemas as one OpenAPI document.
import swagger from '@fastify/swagger';
import type { FastifyInstance } from 'fastify';
import { version } from '../../version.ts';

const tags = {
  session: 'Signing in and out.',
  nodes: 'The machines that are watched.',
  commands: 'What nodes are told to do.',
  invites: 'How a machine becomes a node.',
  relays: 'What passes on between a site and this master.',
  live: 'What happens now.',
  security: 'What was refused.',
  health: 'For whoever watches the master.',
  metrics: 'For Prometheus.',
  docs: 'This page.',
};

/** Every route from now on is in it, unless its schema says `hide`. */
export function describeApi(app: FastifyInstance, basePath: string, cookieName: string): void {
  void app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Sealcast',
        version,
        description:
          'What the page is made of, and programs may use too. Sign in with POST /api/session and send the cookie that comes back. ' +
          'What changes something is taken as JSON, and from no page of another site. Times are in milliseconds since 1970, but for ' +
          'invites, which count seconds; sizes are in bytes. Every refusal is one sentence as {"error": "…"}.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: basePath === '' ? '/' : basePath }],
      tags: Object.entries(tags).map(([name, description]) => ({ name, description })),
      // What a route does not say otherwise.
      security: [{ session: [] }],
      components: {
        securitySchemes: {
          session: { type: 'apiKey', in: 'cookie', name: cookieName, description: 'Of who is signed in.' },
          metricsToken: { type: 'http', scheme: 'bearer', description: 'The line in keys_dir/metrics.token.' },
        },
      },
    },
  });
}
