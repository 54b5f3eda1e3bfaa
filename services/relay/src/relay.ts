// A relay: a hop's server to the nodes of its site, a hop's client to the master or the relay above. It passes on what it can't read.
import { join } from 'node:path';
import { formatHop, type Hop } from '@sealcast/channel/hop-line';
import { decodeZ85, encodeZ85 } from '@sealcast/channel/z85';
import { HopServer } from '@sealcast/hop/server';
import { LiveFile } from '@sealcast/runtime/live-file';
import { privateFolder, writePrivateFile } from '@sealcast/runtime/private-file';
import type { Logger } from '@sealcast/runtime/log';
import { Leg, type LegName, type LegState, worst } from './leg.ts';
import { keepRelayKeys, type RelayKeys } from './relay-file.ts';
import type { Settings } from './settings.ts';

export interface RunningRelay {
  /** What the master is to be told of this relay. */
  readonly line: string;
  stop(): Promise<void>;
}

const legNames = ['join', 'data'] as const satisfies LegName[];

const texts: Record<Exclude<LegState, 'opening'>, string> = {
  open: 'the way up is open',
  closed:
    'the hop above cannot be reached, or is not the one of mq_upstream; what nodes send is dropped, and they repeat it',
  denied:
    'the master does not know this relay yet: paste this line on its page, under "Add a node", Relays; where it asks a list of its own ' +
    '(mq_zap_file, mq_zap_command), that has to have this key too. It is tried again every few seconds, without another word',
};

/** Throws StartError where the operator has to mend something first. */
export async function startRelay(settings: Settings, log: Logger): Promise<RunningRelay> {
  privateFolder(settings.relay_dir, 'relay_dir');
  const keys = keepRelayKeys(settings.relay_dir);
  const line = formatHop(ownHop(settings, keys));
  writePrivateFile(join(settings.relay_dir, 'hop-line'), `${line}\n`);
  const liveFile = settings.live_file === undefined ? undefined : new LiveFile(settings.live_file);
  const below = new Set(settings.mq_relays.map(({ up }) => up && hex(up)));

  const server = new HopServer({
    host: settings.mq_sub_host,
    ports: portsOf(settings),
    credentials: { mechanism: 'curve', ...keys.down },
    // Who has joined, only the master knows; what is not sealed it refuses.
    admits: ({ hopKey }) => (below.has(hex(hopKey)) ? 'relay' : true),
    open: true,
    log,
    subscribed: (name, message) => legs[name].subscribed(message),
  });
  let dropped = 0;
  let told: Exclude<LegState, 'opening'> | undefined;
  const tell = () => {
    const state = worst(legNames.map((name) => legs[name].state));
    if (state === told || state === 'opening') return;
    told = state;
    if (state === 'open') liveFile?.keep();
    else liveFile?.remove();
    if (state === 'open') log.info({ dropped }, texts[state]);
    else if (state === 'denied') log.warn({ state, line, key: hex(decodeZ85(keys.up.publicKey)) }, texts[state]);
    else log.warn({ state }, texts[state]);
    dropped = 0;
  };
  const passUp = async (up: Leg, frame: Uint8Array) => {
    if (!(await up.send(frame))) dropped += 1;
  };
  const leg = (name: LegName) =>
    new Leg({
      name,
      host: settings.mq_upstream_host ?? settings.mq_upstream.host,
      ports: settings.mq_upstream[name],
      credentials: { mechanism: 'curve', ...keys.up, serverKey: encodeZ85(settings.mq_upstream.curve) },
      received: (topic, frame) => server.outlet[name](topic, frame),
      changed: tell,
      failed: (error) => log.error({ err: error }, 'a subscription could not be passed on'),
    });
  const legs: Record<LegName, Leg> = { join: leg('join'), data: leg('data') };

  await server.start({
    join: (frame) => passUp(legs.join, frame),
    data: (frame) => passUp(legs.data, frame),
    refused: ({ code }) => log.debug({ code }, 'a message was not passed on'),
  });
  for (const name of legNames) legs[name].open();
  log.info({ line }, 'this relay is running; this is its line, which the master has to be told of once');
  return {
    line,
    stop: async () => {
      liveFile?.remove();
      await server.stop();
      await Promise.all(legNames.map((name) => legs[name].close()));
    },
  };
}

function ownHop(settings: Settings, { down, up }: RelayKeys): Hop {
  const { dataIn, dataOut, joinIn, joinOut } = portsOf(settings);
  return {
    host: settings.mq_public_host,
    data: [dataIn, dataOut],
    join: [joinIn, joinOut],
    curve: decodeZ85(down.publicKey),
    up: decodeZ85(up.publicKey),
  };
}

function portsOf({ mq_sub_port, mq_pub_port, mq_join_sub_port, mq_join_pub_port }: Settings) {
  return { dataIn: mq_sub_port, dataOut: mq_pub_port, joinIn: mq_join_sub_port, joinOut: mq_join_pub_port };
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex');
}
