import type { CookieSerializeOptions } from '@fastify/cookie';

/** What a browser shows to say which session is its own. */
export interface SessionCookie {
  readonly name: string;
  /** Neither readable to scripts nor sent along with anything that another site starts. */
  readonly options: CookieSerializeOptions;
}

/** Where TLS is, the name's prefix binds the browser: whoever can't answer for this very host over TLS plants none under it. */
export function sessionCookie(basePath: string, secure: boolean): SessionCookie {
  const path = basePath === '' ? '/' : basePath;
  const prefix = secure ? (path === '/' ? '__Host-' : '__Secure-') : '';
  return { name: `${prefix}sealcast_session`, options: { path, httpOnly: true, sameSite: 'strict', secure } };
}

/**
 * The one token of a Cookie header. Where there are two, somebody planted one beside the other, and which comes first is theirs to
 * say: it is as if there were none.
 */
export function tokenIn(header: string | undefined, { name }: SessionCookie): string | undefined {
  const values = (header ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`));
  return values.length === 1 ? values[0]?.slice(name.length + 1) : undefined;
}
