import { finished } from 'node:stream';
import staticFiles from '@fastify/static';
import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import { type InstallFolder, installFile } from '../../install-folder.ts';
import { DownloadLimits } from '../download-limits.ts';
import { keepPace } from '../download-pace.ts';
import { HttpError, refusals } from '../errors.ts';
import { closed, NoQuery } from './schemas.ts';

export interface InstallOptions {
  install: InstallFolder;
  /** Milliseconds since 1970. */
  now: () => number;
}

const yearSeconds = 365 * 86_400;

const schema = {
  tags: ['invites'],
  summary: 'What nodes are installed from: a program, and the archives that it pins',
  security: [],
  params: Type.Object({ file: Type.String({ pattern: installFile.source }) }, closed),
  querystring: NoQuery,
  response: refusals,
};

/** What nodes are installed from. It is public, and believed for its hash: nobody has to be signed in. */
export const installRoute: FastifyPluginAsyncTypebox<InstallOptions> = async (app, { install, now }) => {
  void app.register(staticFiles, { root: install.path, serve: false, cacheControl: false });
  const limits = new DownloadLimits();

  app.get('/:file', { schema }, (request, reply) => {
    const { file } = request.params;
    const begun = limits.begin(request.ip, now(), () => reply.raw.destroy());
    if (typeof begun === 'number') throw new HttpError('install.wait', Math.ceil(begun / 1000));
    // Also where it was over before it began, as of who has left meanwhile.
    finished(reply.raw, begun);
    keepPace(reply.raw);
    void reply.header('cache-control', `public, max-age=${yearSeconds}, immutable`);
    void reply.sendFile(file);
  });
};
