import helmet from '@fastify/helmet';
import type { FastifyInstance } from 'fastify';

const self = ["'self'"];

const daySeconds = 86_400;

/**
 * The page may load and reach what this server has, and nothing else.
 * @param hstsDays how long browsers are to use nothing but TLS for this name; 0 tells them nothing
 */
export function sendSecurityHeaders(app: FastifyInstance, hstsDays: number): void {
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
    // It holds for every port of the name, also those of other programs, and can't be taken back: for whoever runs the machine to decide.
    strictTransportSecurity: hstsDays > 0 && { maxAge: hstsDays * daySeconds, includeSubDomains: false },
    xFrameOptions: { action: 'deny' },
  });
}
