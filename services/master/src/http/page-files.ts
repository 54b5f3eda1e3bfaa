import { existsSync } from 'node:fs';
import { join, sep } from 'node:path';
import staticFiles from '@fastify/static';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { refusals } from './errors.ts';

const yearSeconds = 365 * 86_400;

export interface PageOptions {
  folder: string;
  basePath: string;
}

/** The dashboard: files below `folder`, at `basePath`. A name under assets/ holds the hash of its content. */
export const pageFiles: FastifyPluginAsyncTypebox<PageOptions> = async (app, { folder, basePath }) => {
  if (!existsSync(join(folder, 'index.html'))) {
    app.log.warn({ folder }, 'there is no page to serve here; build the dashboard, or set dashboard_dir');
    return;
  }
  void app.register(staticFiles, {
    root: folder,
    prefix: `${basePath}/`,
    schemaHide: true,
    cacheControl: false,
    dotfiles: 'ignore',
    setHeaders: (reply, path) => {
      const hashed = path.startsWith(join(folder, 'assets') + sep);
      void reply.header('cache-control', hashed ? `public, max-age=${yearSeconds}, immutable` : 'no-cache');
    },
  });
  if (basePath === '') return;
  const schema = { hide: true, response: { 308: Type.Null(), ...refusals } };
  app.get(basePath, { schema }, async (_request, reply) => reply.redirect(`${basePath}/`, 308));
};
