import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Admins } from '../../store/admins.ts';
import { HttpError, refusals } from '../errors.ts';
import { PasswordCheck } from '../password.ts';
import { type SessionCookie, tokenIn } from '../session-cookie.ts';
import { SignInLimits } from '../sign-in-limits.ts';
import type { WebSignIns } from '../web-sign-ins.ts';
import { closed, Done, NoQuery } from './schemas.ts';

export interface SignInOptions {
  admins: Admins;
  signIns: WebSignIns;
  cookie: SessionCookie;
  now: () => number;
}

const bodyLimit = 4096;

const schema = {
  tags: ['session'],
  summary: 'Signs in',
  description: "Sets a cookie that scripts can't read. After five tries that failed, each next one has to wait longer.",
  security: [],
  querystring: NoQuery,
  body: Type.Object(
    { name: Type.String({ minLength: 1, maxLength: 64 }), password: Type.String({ minLength: 1, maxLength: 1024 }) },
    closed,
  ),
  response: { 204: Done, ...refusals },
};

export const signInRoute: FastifyPluginAsyncTypebox<SignInOptions> = async (app, options) => {
  const { admins, signIns, cookie, now } = options;
  const limits = new SignInLimits();
  const passwords = new PasswordCheck();

  app.post('/session', { schema, bodyLimit }, async (request, reply) => {
    const { name, password } = request.body;
    const waitMs = limits.take(request.ip, name, now());
    if (waitMs > 0) throw new HttpError('session.wait', Math.ceil(waitMs / 1000));
    const admin = admins.find(name);
    if (!(await passwords.matches(admin?.hash, password))) {
      request.log.warn({ address: request.ip }, 'somebody failed to sign in');
      throw new HttpError('session.wrong');
    }
    limits.succeeded(request.ip, name);
    const older = signIns.use(tokenIn(request.headers.cookie, cookie));
    if (older !== undefined) signIns.end(older.hash);
    request.log.info({ name, address: request.ip }, 'somebody signed in');
    return reply.setCookie(cookie.name, signIns.begin(name), cookie.options).status(204).send(null);
  });
};
