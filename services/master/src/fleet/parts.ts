// The parts of a fleet, put together: each knows those that it needs.
import type { Entropy } from '@sealcast/channel/entropy';
import { Broadcaster } from '@sealcast/channel/epoch';
import type { MasterKeys } from '@sealcast/channel/master-keys';
import type { Mechanism } from '@sealcast/channel/payloads';
import type { Logger } from '@sealcast/runtime/log';
import type { Store } from '../store/store.ts';
import type { Outlet } from '../transport/transport.ts';
import { Admission, type Peers } from './admission.ts';
import { CloneWatch } from './clone-watch.ts';
import { CommandDesk } from './command-desk.ts';
import { DownLink } from './down-link.ts';
import { Enrolment } from './enrolment.ts';
import { Epochs } from './epochs.ts';
import { FactsDesk } from './facts-desk.ts';
import { FleetViews } from './fleet-views.ts';
import { KeptOutKeys } from './kept-out.ts';
import { LiveSessions } from './live-sessions.ts';
import { FleetNews } from './news.ts';
import { PresenceBook } from './presence.ts';
import { Relays } from './relays.ts';
import { ReportInbox } from './report-inbox.ts';

export interface FleetOptions {
  store: Store;
  keys: MasterKeys;
  entropy: Entropy;
  /** By which nodes prove their hop keys. */
  mechanism: Mechanism;
  outlet: Outlet;
  peers: Peers;
  log: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** Seconds, for nodes that are new. */
  reportInterval: number;
}

export type Parts = ReturnType<typeof assemble>;

export function assemble(options: FleetOptions) {
  const { store, keys, entropy, mechanism, outlet, peers, log, now, reportInterval } = options;
  const sessions = new LiveSessions((hopKey) => admission.end(hopKey));
  const presence = new PresenceBook();
  const clones = new CloneWatch();
  const enrolment = new Enrolment(store, clones, reportInterval);
  const keptOut = new KeptOutKeys();
  const relays = new Relays(store, keptOut);
  const admission = new Admission(enrolment, relays, sessions, peers, keptOut);
  const broadcaster = new Broadcaster(keys, entropy);
  const epochs = new Epochs(store, broadcaster, entropy, now());
  const down = new DownLink(sessions, epochs, store, outlet);
  const desk = new CommandDesk(store, entropy, broadcaster, {
    broadcast: (topic, frame) => outlet.data(topic, frame),
    unicast: (node, command) => down.command(node, command),
    isOpen: (node) => sessions.current(node) !== undefined,
  });
  const inbox = new ReportInbox(store, (error) =>
    log.error({ err: error }, 'samples could not be written; they will come again'),
  );
  const views = new FleetViews(store, presence, clones, keptOut, now);
  const news = new FleetNews({
    node: (id) => views.node(id),
    command: (id) => views.command(id),
    failed: (error) => log.error({ err: error }, 'the page could not be told'),
  });
  const facts = new FactsDesk(store, (node) => {
    views.learn(node);
    news.node(node);
  });
  const given = { store, keys, entropy, mechanism, outlet, peers, log, now };
  const people = { enrolment, relays, admission, keptOut, clones, presence, views, news };
  return { ...given, ...people, sessions, epochs, down, desk, inbox, facts };
}
