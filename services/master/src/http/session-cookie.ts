import type { CookieSerializeOptions } from '@fastify/cookie';

export const sessionCookie = 'sealcast_session';

/** Neither readable to scripts nor sent along with anything that another site starts. */
export function cookieOptions(basePath: string, secure: boolean): CookieSerializeOptions {
  return { path: basePath === '' ? '/' : basePath, httpOnly: true, sameSite: 'strict', secure };
}
