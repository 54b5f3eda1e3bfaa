// A node: samples its machine, reports, keeps what can't be delivered, and does what its master orders.
import type { Entropy } from '@sealcast/channel/entropy';
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Command, Sample } from '@sealcast/channel/payloads';
import { encodeZ85 } from '@sealcast/channel/z85';
import type { Logger } from '@sealcast/runtime/log';
import { openCommandLog } from './command-log.ts';
import { readClock } from './harvest/clock.ts';
import { readFacts } from './harvest/facts.ts';
import { Sampler } from './harvest/sampler.ts';
import { keepIdentity } from './identity-file.ts';
import { Interval } from './interval.ts';
import { Link, type LinkOptions } from './link/link.ts';
import { MasterClock } from './link/master-clock.ts';
import { LiveFile } from './live-file.ts';
import { checkTransportKey, findMaster, keepMaster } from './master-file.ts';
import { obey } from './orders.ts';
import { privateFolder } from './private-file.ts';
import { Reporter } from './reporter.ts';
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
  { rekeyMs }: Pick<LinkOptions, 'rekeyMs'> = {},
): RunningNode {
  const { state_dir: stateFolder, mq_invite_code: invite } = settings;
  const root = settings.host_root ?? '';
  privateFolder(stateFolder);
  const { identity, curve } = keepIdentity(stateFolder, entropy);
  const master = findMaster(stateFolder, invite, {
    host: settings.mq_sub_host,
    data: [settings.mq_sub_port, settings.mq_pub_port],
    join: [settings.mq_join_sub_port, settings.mq_join_pub_port],
  });
  if (settings.mq_transport_pub_key !== undefined) checkTransportKey(settings.mq_transport_pub_key, master);

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
  });
  const interval = new Interval((seconds) => sampling.every(seconds));
  const reporter = new Reporter({
    spool,
    send: (message) => link.send(message),
    place: (spooled) => place(spooled, boot, clock),
    unanswered: () => link.giveUp('no answer to a report'),
  });
  const refused = (code: RefusalCode) => log.debug({ code }, 'a frame was refused');
  const obeyHere = (command: Command) =>
    obey(command, {
      id: identity.id,
      commandLog,
      refused,
      log,
      now: () => clock.now(),
      interval,
      answer: (receipt) => link.send({ kind: 'receipt', body: receipt }),
    });

  const tellFacts = () => link.send({ kind: 'facts', body: readFacts(root, { name: settings.node_name, version }) });

  // With a full disk the node works on, and tries again with the next WELCOME.
  const keep = () => {
    try {
      if (invite !== undefined) keepMaster(stateFolder, invite);
    } catch (error) {
      log.error({ err: error }, 'the master could not be written down; the next keys are another try');
    }
  };

  const link = new Link({
    master,
    identity,
    entropy,
    clock,
    log,
    keys: { mechanism: 'curve', ...curve, serverKey: encodeZ85(master.curve) },
    ...(rekeyMs === undefined ? {} : { rekeyMs }),
    on: {
      live: (welcome) => {
        keep();
        spool.raise(welcome.through);
        interval.set(welcome.interval, welcome.time);
        tellFacts();
        reporter.begin();
        liveFile?.keep();
        collectStartGarbage();
      },
      rekeyed: (welcome) => {
        keep();
        interval.order(welcome.interval, welcome.time);
        tellFacts();
      },
      lost: () => {
        reporter.end();
        liveFile?.remove();
        spool.flush();
        tellOfSpool(spool, log);
      },
      ack: ({ through }) => reporter.acknowledged(through),
      command: obeyHere,
      refused,
    },
  });

  sampling.every(firstIntervalSeconds);
  link.start();
  return {
    stop: async () => {
      sampling.stop();
      reporter.end();
      liveFile?.remove();
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
