// The master's HTTP server: the API below `basePath`/api, and the page.
import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import cookies from '@fastify/cookie';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { Fleet } from '../fleet/fleet-port.ts';
import type { InstallFolder } from '../install-folder.ts';
import type { MasterFigures } from '../metrics/figures.ts';
import type { ShowsToken } from '../metrics/metrics-token.ts';
import { Metrics } from '../metrics/metrics.ts';
import type { Store } from '../store/store.ts';
import { tlsOptions } from './certificate-files.ts';
import { boundClosing } from './connections.ts';
import { refuseCrossSite, refuseCrossSiteReading } from './cross-site.ts';
import { describeApi } from './docs/document.ts';
import { answerError, answerErrors } from './error-answers.ts';
import { type EventLimits, eventLimits, EventStreams } from './event-streams.ts';
import { sendSecurityHeaders } from './headers.ts';
import { pageFiles } from './page-files.ts';
import { knowProxies, type Proxies } from './proxies.ts';
import { commandRoutes } from './routes/commands.ts';
import { docsRoutes } from './routes/docs.ts';
import { eventRoute } from './routes/events.ts';
import { healthRoute } from './routes/health.ts';
import { installRoute } from './routes/install.ts';
import { inviteRoutes, type InvitesOptions } from './routes/invites.ts';
import { metricsRoute } from './routes/metrics.ts';
import { nodeRoutes } from './routes/nodes.ts';
import { readyRoute } from './routes/ready.ts';
import { refusalRoute } from './routes/refusals.ts';
import { relayRoutes, type RelaysOptions } from './routes/relays.ts';
import { sessionRoutes } from './routes/session.ts';
import { signInRoute } from './routes/sign-in.ts';
import { statusRoute } from './routes/status.ts';
import { type SessionCookie, sessionCookie } from './session-cookie.ts';
import { requireSignIn } from './signed-in.ts';
import { StoreProbe } from './store-probe.ts';
import { WebSignIns } from './web-sign-ins.ts';

export interface ServerOptions
  extends Pick<InvitesOptions, 'makeInvite' | 'publicHost'>,
    Partial<Pick<RelaysOptions, 'hopLine'>> {
  store: Store;
  fleet: Fleet;
  log: FastifyBaseLogger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** '' or '/name'. */
  basePath: string;
  /** PEM; undefined for plain HTTP. */
  tls: { cert: string | Buffer; key: string | Buffer } | undefined;
  /** Whose X-Forwarded-* headers count. Undefined where no proxy stands before the server. A proxy is taken to end TLS. */
  proxies: Proxies | undefined;
  /** How long browsers are to use nothing but TLS for this name; 0 tells them nothing. */
  hstsDays?: number;
  dashboardDir: string;
  /** What nodes are installed from; undefined where this master has nothing of the kind. */
  install?: InstallFolder | undefined;
  /** Undefined where nobody may read metrics. */
  metrics?: { showsToken: ShowsToken; figures: () => Omit<MasterFigures, 'eventStreams'> } | undefined;
  events?: Partial<EventLimits>;
}

/** Longest that a request may take to arrive. */
export const requestTimeoutMs = 30_000;
/** Longest that a connection is kept for the next one: Fastify's own. Node's five seconds are over before a busy client knows. */
const keepAliveMs = 72_000;
/** A text of 4096 bytes and a thousand targets fit. */
const bodyLimit = 65_536;

/** Does not listen yet. */
export function buildServer(options: ServerOptions): FastifyInstance {
  const { log, now, basePath, tls, proxies, hstsDays = 0, dashboardDir, install } = options;
  const secure = tls !== undefined || proxies !== undefined;
  const app = Fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    serverFactory: (handler) => {
      const timeouts = { requestTimeout: requestTimeoutMs, keepAliveTimeout: keepAliveMs };
      return tls === undefined
        ? createServer(timeouts, handler)
        : createTlsServer({ ...timeouts, ...tls, ...tlsOptions }, handler);
    },
    trustProxy: proxies?.isProxy ?? false,
    bodyLimit,
    exposeHeadRoutes: false,
    ajv: { customOptions: { coerceTypes: false, removeAdditional: false } },
    frameworkErrors: answerError,
  });
  app.removeContentTypeParser('text/plain');
  boundClosing(app);
  answerErrors(app);
  sendSecurityHeaders(app, hstsDays);
  if (proxies !== undefined) knowProxies(app, proxies);
  refuseCrossSite(app);
  logRequests(app);
  void app.register(cookies);
  const web = webOf(options, secure);
  describeApi(app, basePath, web.cookie.name);
  app.addHook('preClose', async () => web.streams.endAll());
  void app.register(async (api) => serveApi(api, options, web), { prefix: `${basePath}/api` });
  serveMetrics(app, options, web);
  void app.register(async (docs) => serveDocs(docs, options, web), { prefix: basePath });
  if (install !== undefined) void app.register(installRoute, { prefix: `${basePath}/install`, install, now });
  void app.register(pageFiles, { folder: dashboardDir, basePath });
  return app;
}

interface Web {
  cookie: SessionCookie;
  signIns: WebSignIns;
  streams: EventStreams;
}

function webOf({ store, fleet, now, basePath, events }: ServerOptions, secure: boolean): Web {
  const cookie = sessionCookie(basePath, secure);
  const signIns: WebSignIns = new WebSignIns(store, now, (hash) => streams.endSession(hash));
  const limits = { ...eventLimits, ...events };
  const streams = new EventStreams(fleet, (hash) => signIns.useHash(hash) !== undefined, limits);
  return { cookie, signIns, streams };
}

function serveApi(api: FastifyInstance, options: ServerOptions, { cookie, signIns, streams }: Web): void {
  const { store, fleet, now, makeInvite, publicHost, hopLine } = options;
  api.addHook('onRequest', async (_request, reply) => void reply.header('cache-control', 'no-store'));

  void api.register(healthRoute);
  void api.register(readyRoute, { fleet, probe: new StoreProbe(store, now) });
  void api.register(signInRoute, { admins: store.admins, signIns, cookie, now });
  void api.register(async (inside) => {
    refuseCrossSiteReading(inside);
    requireSignIn(inside, signIns, cookie);
    const typed = inside.withTypeProvider<TypeBoxTypeProvider>();
    void typed.register(sessionRoutes, { signIns, cookie });
    void typed.register(nodeRoutes, { fleet, samples: store.samples, now });
    void typed.register(commandRoutes, { fleet });
    void typed.register(inviteRoutes, {
      invites: store.invites,
      makeInvite,
      publicHost,
      installProgram: options.install?.program,
      fleet,
      now,
    });
    void typed.register(relayRoutes, { fleet, hopLine });
    void typed.register(refusalRoute, { fleet });
    void typed.register(statusRoute, { fleet });
    void typed.register(eventRoute, { streams });
  });
}

// Whoever is not signed in learns nothing of the API but what signing in takes.
function serveDocs(docs: FastifyInstance, { basePath }: ServerOptions, { cookie, signIns }: Web): void {
  requireSignIn(docs, signIns, cookie);
  void docs.register(docsRoutes, { basePath });
}

function serveMetrics(app: FastifyInstance, { fleet, now, basePath, metrics }: ServerOptions, { streams }: Web): void {
  if (metrics === undefined) return;
  const figures = () => ({ ...metrics.figures(), eventStreams: streams.size });
  const text = new Metrics({ nodes: () => fleet.nodes(), figures, now });
  void app.register(metricsRoute, { prefix: basePath, showsToken: metrics.showsToken, metrics: text });
}

/** The pattern of the address is logged, never what stands in it. */
function logRequests(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ log, method, routeOptions }, { statusCode, elapsedTime }) => {
    log.debug(
      { method, route: routeOptions.url, status: statusCode, ms: Math.round(elapsedTime) },
      'a request was answered',
    );
  });
}
