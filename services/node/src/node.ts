// A node: samples its machine, reports, keeps what can't be delivered, and does what its master orders.
import type { Entropy } from '@sealcast/channel/entropy';
import type { RefusalCode } from '@sealcast/channel/errors';
import { fingerprint } from '@sealcast/channel/master-keys';
import type { Sample } from '@sealcast/channel/payloads';
import type { Logger } from '@sealcast/runtime/log';
import { openCommandLog } from './command-log.ts';
import { lockFolder } from './folder-lock.ts';
import { readClock } from './harvest/clock.ts';
import { readFacts } from './harvest/facts.ts';
import { Sampler } from './harvest/sampler.ts';
import { keepIdentity } from './identity-file.ts';
import { checkInstall } from './install-check.ts';
import { Interval } from './interval.ts';
import { hopCredentials } from './link/credentials.ts';
import { Link, type LinkOptions } from './link/link.ts';
import { MasterClock } from './link/master-clock.ts';
import { mechanismWarning } from '@sealcast/runtime/mechanism-warning';
import { LiveFile } from '@sealcast/runtime/live-file';
import { checkMechanism, checkTransportKey, findMaster, keepMaster } from './master-file.ts';
import { obey, type OrdersOptions, resume } from './orders.ts';
import { PolicyFile } from './policy/policy-file.ts';
import { privateFolder } from '@sealcast/runtime/private-file';
import { Reporter } from './reporter.ts';
import { Rotation } from './rotation.ts';
import { Programs } from './run/programs.ts';
import { Sampling } from './sampling.ts';
import type { Settings } from './settings.ts';
import { openSpool, type Spool, type SpooledSample } from './spool.ts';
import { collectStartGarbage } from './start-garbage.ts';
import { version } from './version.ts';

export interface RunningNode {
  stop(): Promise<void>;
}

/** Throws StartError where the operator has to mend something first. */
export function startNode(
  settings: Settings,
  entropy: Entropy,
  log: Logger,
  options: Pick<LinkOptions, 'rekeyMs'> = {},
): RunningNode {
  privateFolder(settings.state_dir, 'state_dir');
  const lock = lockFolder(settings.state_dir);
  try {
    const node = startAlone(settings, entropy, log, options);
    return { stop: () => node.stop().finally(lock.release) };
  } catch (error) {
    lock.release();
    throw error;
  }
}

function startAlone(
  settings: Settings,
  entropy: Entropy,
  log: Logger,
  { rekeyMs }: Pick<LinkOptions, 'rekeyMs'>,
): RunningNode {
  const { state_dir: stateFolder, mq_invite_code: invite } = settings;
  const root = settings.host_root ?? '';
  const policy = new PolicyFile(settings.policy_file, log);
  const master = findMaster(stateFolder, invite, {
    host: settings.mq_sub_host,
    data: [settings.mq_sub_port, settings.mq_pub_port],
    join: [settings.mq_join_sub_port, settings.mq_join_pub_port],
  });
  if (invite !== undefined && master.code !== undefined) checkInstall(settings.install_file, invite);
  checkMechanism(settings.mq_mechanism, master);
  const hopWarning = mechanismWarning(master.mechanism);
  if (hopWarning !== undefined) log.warn(hopWarning);
  if (settings.mq_transport_pub_key !== undefined) {
    const warning = checkTransportKey(settings.mq_transport_pub_key, master);
    if (warning !== undefined) log.warn(warning);
  }
  const kept = keepIdentity(stateFolder, entropy, master.mechanism);

  const monotonic = () => readClock(root).monotonic;
  const boot = readClock(root).boot;
  const clock = new MasterClock(monotonic);
  const spool = openSpool(stateFolder, {
    maxBytes: settings.spool_max_mb * 1e6,
    maxAgeMs: settings.spool_max_hours * 3_600_000,
  });
  const commandLog = openCommandLog(stateFolder);
  const liveFile = settings.live_file === undefined ? undefined : new LiveFile(settings.live_file);
  const sampler = new Sampler({ root, now: monotonic });
  const sampling = new Sampling(() => {
    spool.append(sampler.sample(), readClock(root));
    reporter.wake();
    if (policy.hasChanged()) tellFacts();
  });
  const interval = new Interval((seconds) => sampling.every(seconds));
  const reporter = new Reporter({
    spool,
    send: (message) => link.send(message),
    place: (spooled) => place(spooled, boot, clock),
    unanswered: () => link.giveUp('no answer to a report'),
  });
  const refused = (code: RefusalCode) => log.debug({ code }, 'a frame was refused');
  const programs = new Programs();
  const rotation = new Rotation({
    kept,
    fingerprint: fingerprint(master.signing),
    send: (message) => link.send(message),
    log,
  });
  const orders: OrdersOptions = {
    id: kept.identity.id,
    commandLog,
    refused,
    log,
    now: () => clock.now(),
    policy,
    interval,
    programs,
    rotate: (command) => rotation.begin(command),
    answer: (receipt) => link.send({ kind: 'receipt', body: receipt }),
  };

  const tellFacts = () => {
    const facts = readFacts(root, { name: settings.node_name, version });
    link.send({ kind: 'facts', body: { ...facts, policy: policy.tell() } });
  };

  // With a full disk the node works on, and tries again with the next WELCOME.
  const keep = () => {
    try {
      keepMaster(stateFolder, invite, master.rsa);
    } catch (error) {
      log.error({ err: error }, 'the master could not be written down; the next keys are another try');
    }
  };

  const link = new Link({
    master,
    get identity() {
      return kept.identity;
    },
    get nextIdentity() {
      return kept.next?.identity;
    },
    entropy,
    clock,
    log,
    keys: hopCredentials(kept, master),
    ...(rekeyMs === undefined ? {} : { rekeyMs }),
    on: {
      live: (welcome) => {
        keep();
        spool.raise(welcome.through);
        interval.set(welcome.interval, welcome.time);
        tellFacts();
        rotation.live();
        reporter.begin();
        liveFile?.keep();
        collectStartGarbage();
      },
      rekeyed: (welcome) => {
        keep();
        interval.order(welcome.interval, welcome.time);
        tellFacts();
        rotation.live();
      },
      lost: () => {
        reporter.end();
        rotation.lost();
        liveFile?.remove();
        spool.flush();
        tellOfSpool(spool, log);
      },
      ack: ({ through }) => reporter.acknowledged(through),
      untold: tellFacts,
      command: (command) => obey(command, orders),
      rotated: (rotated) => rotation.rotated(rotated),
      refused,
    },
  });

  const { underWay } = rotation;
  if (underWay !== undefined) resume(underWay.command, underWay.ended, orders);
  sampling.every(firstIntervalSeconds);
  link.start();
  return {
    stop: async () => {
      sampling.stop();
      reporter.end();
      liveFile?.remove();
      rotation.lost();
      // The master hears how they ended before it hears of the end.
      await programs.stop();
      await link.stop();
      spool.close();
      commandLog.close();
    },
  };
}

// Until the master says how often.
const firstIntervalSeconds = 5;

// A sample of this boot has its place in the master's time by the monotonic clock; one of an earlier boot, by what the
// machine believed then.
function place({ number, clock: taken, harvest }: SpooledSample, boot: string, clock: MasterClock): Sample {
  const at = taken.boot === boot ? clock.at(taken.monotonic) : undefined;
  return { number, at: at ?? taken.wall, ...harvest };
}

function tellOfSpool({ size, dropped, problem }: Spool, log: Logger): void {
  if (problem !== undefined) log.error({ problem }, 'samples cannot be kept on disk');
  else log.info({ waiting: size, dropped }, 'samples are kept on disk until the master is back');
}
