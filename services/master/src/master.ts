// A master: its keys and store, the fleet, the wire and the HTTP API, started in the order in which they need one another.
import { Server as TlsServer } from 'node:https';
import { join, resolve } from 'node:path';
import type { Entropy } from '@sealcast/channel/entropy';
import { decodeZ85 } from '@sealcast/channel/z85';
import type { Logger } from '@sealcast/runtime/log';
import { mechanismWarning } from '@sealcast/runtime/mechanism-warning';
import { cannotListen } from '@sealcast/runtime/run';
import { takeAdmin } from './admin-file.ts';
import { admission } from './admission/back-end.ts';
import { ZapCommand } from './admission/zap-command.ts';
import { ZapFile } from './admission/zap-file.ts';
import { Fleet } from './fleet/fleet.ts';
import { CertificateFiles } from './http/certificate-files.ts';
import { namedProxies, peerIsProxy, type Proxies, socketIsProxy } from './http/proxies.ts';
import { buildServer, requestTimeoutMs, type ServerOptions } from './http/server.ts';
import { unixSocket } from './http/unix-socket.ts';
import { findInstall, type InstallFolder } from './install-folder.ts';
import { hopLineOf, makeInvite, type Pinned, takeInvites } from './invites.ts';
import { type KeyRing, readKeys } from './keys.ts';
import type { MasterFigures } from './metrics/figures.ts';
import { readMetricsToken } from './metrics/metrics-token.ts';
import { takeRelays } from './relays-file.ts';
import type { Settings } from './settings.ts';
import { steadyClock } from './steady-clock.ts';
import { samplesIn } from './store/samples.ts';
import { openStore, type Store } from './store/store.ts';
import { Transport } from './transport/transport.ts';

const tickMs = 1000;
const saveMs = 10_000;
const certificateMs = 5000;
const pruneMs = 600_000;

export interface RunningMaster {
  stop(): Promise<void>;
}

/** Throws StartError where the operator has to mend something first. */
export async function startMaster(settings: Settings, entropy: Entropy, log: Logger): Promise<RunningMaster> {
  const now = steadyClock();
  const keys = readKeys(settings.keys_dir, settings.mq_transport_pem_key);
  tellOlderKeys(keys, log);
  const showsToken = readMetricsToken(join(settings.keys_dir, 'metrics.token'));
  const samplesPerNode = samplesIn(settings.retention_hours);
  const store = openStore(join(settings.data_dir, 'sealcast.db'), { samplesPerNode });
  const prune = () => void store.samples.prune(now() - settings.retention_hours * 3_600_000);
  makeRoom(prune, log);
  takeAdmin(store, join(settings.keys_dir, 'admin.json'), now());
  takeInvites(store, join(settings.keys_dir, 'invites.json'), now());
  takeRelays(store, join(settings.keys_dir, 'relays.json'), now(), log);

  const install = findInstall(resolve(settings.install_dir));
  const invited = pinned(keys, settings, install);
  const { mq_mechanism: mechanism, mq_zap_file: zapPath, mq_zap_command: zapProgram } = settings;
  const zapFile = zapPath === undefined ? undefined : new ZapFile(zapPath, log);
  const zapCommand = zapProgram === undefined ? undefined : new ZapCommand(zapProgram, log);
  const warning = mechanismWarning(mechanism);
  if (warning !== undefined) log.warn(warning);
  const transport = new Transport({
    host: settings.mq_sub_host,
    ports: portsOf(settings),
    credentials: mechanism === 'curve' ? { mechanism, ...keys.curve } : { mechanism },
    admits: admission({
      store,
      roster: (hopKey) => fleet.admits(hopKey),
      backEnd: zapFile ?? zapCommand,
      decided: (...answer) => fleet.decided(...answer),
    }),
    log,
    now,
    changed: () => fleet.transportChanged(),
  });
  const fleet = new Fleet({
    store,
    entropy,
    log,
    now,
    keys: keys.master,
    mechanism,
    outlet: transport.outlet,
    peers: transport,
    reportInterval: settings.report_interval,
  });
  await transport.start({
    join: (frame) => fleet.receiveJoin(frame),
    data: (frame) => fleet.receiveData(frame),
    refused: (refusal) => fleet.refused(refusal),
  });

  const certificate = certificateFiles(settings);
  const server = buildServer({
    store,
    fleet,
    log,
    now,
    ...serverSettings(settings),
    tls: certificate?.read(),
    publicHost: settings.mq_public_host,
    metrics: showsToken && { showsToken, figures: () => figuresOf(fleet, transport, store) },
    hopLine: hopLineOf(invited, settings.mq_public_host),
    makeInvite: (order) => makeInvite(store, invited, order, now()),
    install,
  });
  const listenAtSocket =
    settings.server_socket === undefined ? undefined : unixSocket(server, settings.server_socket, requestTimeoutMs);
  const page = { host: settings.server_host, port: settings.server_port };
  const listenTextResolver = (address: string) => `listening at ${address}${settings.server_virtual_host}/`;
  await server.listen({ ...page, listenTextResolver }).catch(cannotListen(`${page.host}, port ${page.port}`));
  await listenAtSocket?.();

  const timers = [
    repeatedly(tickMs, 'the fleet', log, () => fleet.tick()),
    repeatedly(tickMs, 'mq_zap_file', log, () => {
      for (const hopKey of zapFile?.look() ?? []) transport.drop(hopKey);
    }),
    repeatedly(certificateMs, "the page's certificate", log, () => {
      if (server.server instanceof TlsServer && certificate?.look(server.server))
        log.info("the page's certificate was renewed");
    }),
    repeatedly(saveMs, 'when nodes were seen', log, () => fleet.saveLastSeen()),
    repeatedly(pruneMs, 'old samples', log, prune),
  ];
  return {
    stop: async () => {
      for (const timer of timers) clearInterval(timer);
      await server.close();
      await transport.stop();
      zapCommand?.stop();
      write(() => fleet.stop(), log);
      store.close();
    },
  };
}

function figuresOf(fleet: Fleet, transport: Transport, store: Store): Omit<MasterFigures, 'eventStreams'> {
  const { waiting, ...figures } = fleet.figures();
  return { ...figures, queues: { ...waiting, ...transport.queues() }, storeBytes: store.bytes() };
}

// Each join with one of them is logged too: when there are none any more, and no invite of before is open, they can go.
function tellOlderKeys({ master }: KeyRing, log: Logger): void {
  const count = master.rsa.length - 1;
  if (count > 0) log.info({ count }, 'nodes are let in by older transport keys too');
}

// A disk that is full at the start may have room again afterwards.
function makeRoom(prune: () => void, log: Logger): void {
  try {
    prune();
  } catch (error) {
    log.error({ err: error }, 'old samples could not be deleted');
  }
}

// A disk that is full must not keep the master from stopping: what was not acknowledged comes again.
function write(stop: () => void, log: Logger): void {
  try {
    stop();
  } catch (error) {
    log.error({ err: error }, 'what was in memory alone could not be written');
  }
}

// What fails once, for a full disk or a locked database, is tried again with the next turn; the nodes repeat the rest.
function repeatedly(everyMs: number, what: string, log: Logger, act: () => void): NodeJS.Timeout {
  return setInterval(() => {
    try {
      act();
    } catch (error) {
      log.error({ err: error }, `${what} could not be seen to`);
    }
  }, everyMs);
}

function portsOf(settings: Settings) {
  const { mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port } = settings;
  return { dataIn: mq_sub_port, dataOut: mq_pub_port, joinIn: mq_join_sub_port, joinOut: mq_join_pub_port };
}

function serverSettings(settings: Settings): Pick<ServerOptions, 'basePath' | 'proxies' | 'hstsDays' | 'dashboardDir'> {
  return {
    basePath: settings.server_virtual_host,
    dashboardDir: resolve(settings.dashboard_dir),
    proxies: proxiesOf(settings),
    hstsDays: settings.server_hsts_days,
  };
}

function certificateFiles(settings: Settings): CertificateFiles | undefined {
  const { server_tls_crt_fp: certificate, server_tls_key_fp: key } = settings;
  return certificate === undefined || key === undefined ? undefined : new CertificateFiles(certificate, key);
}

function proxiesOf({ server_socket: socket, server_behind_proxy: setting }: Settings): Proxies | undefined {
  if (socket !== undefined) return { isProxy: socketIsProxy };
  if (typeof setting !== 'boolean') return namedProxies(setting);
  return setting ? { isProxy: peerIsProxy } : undefined;
}

function pinned({ master, curve }: KeyRing, settings: Settings, install: InstallFolder | undefined): Pinned {
  const { dataIn, dataOut, joinIn, joinOut } = portsOf(settings);
  return {
    data: [dataIn, dataOut],
    join: [joinIn, joinOut],
    mechanism: settings.mq_mechanism,
    rsa: master.rsa[0].rsaSpki,
    signing: master.signingPublic,
    // PROTOCOL.md, The invite: all zero where the mechanism is not CURVE.
    curve: settings.mq_mechanism === 'curve' ? decodeZ85(curve.publicKey) : new Uint8Array(32),
    ...(install && { install: Buffer.from(install.program, 'hex') }),
  };
}
