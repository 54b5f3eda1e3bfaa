import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const halfAYearSeconds = 180 * 86_400;
const self = ["'self'"];

/** The page may load and reach what this server has, and nothing else. */
export function sendSecurityHeaders(app: FastifyInstance, secure: boolean): void {
  void app.register(helmet, {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: self,
        styleSrc: self,
        imgSrc: [...self, 'data:'],
        connectSrc: self,
        formAction: self,
        baseUri: ["'none'"],
        frameAncestors: ["'none'"],
      },
    },
    strictTransportSecurity: secure ? { maxAge: halfAYearSeconds, includeSubDomains: false } : false,
    xFrameOptions: { action: 'deny' },
  });
}
