import { readSettings } from '@sealcast/runtime/settings';
import { folderPath, host, listenHosts, logLevel, port, publicHost } from '@sealcast/runtime/validators';
import { str } from 'envalid';
import { hopLine, hopLines } from './hop-line-setting.ts';

const spec = {
  mq_upstream: hopLine({
    example: 'sealcast-hop1:…',
    desc: 'the line of the master that this relay is for, which its page shows under Relays; or of the relay above',
  }),
  mq_upstream_host: host({ default: undefined, example: 'master.lan' }),
  mq_relays: hopLines({ default: [], example: '/etc/sealcast/relays' }),
  mq_public_host: publicHost({
    example: 'relay.lan',
    desc: 'the name or address that nodes of its site call this relay by',
  }),
  mq_sub_host: listenHosts({ default: ['0.0.0.0'], example: '0.0.0.0' }),
  mq_sub_port: port({ default: 36500, example: '36500' }),
  mq_pub_port: port({ default: 36501, example: '36501' }),
  mq_join_sub_port: port({ default: 36502, example: '36502' }),
  mq_join_pub_port: port({ default: 36503, example: '36503' }),
  relay_dir: folderPath({ default: './data/relay', example: '/var/lib/sealcast/relay' }),
  live_file: str({ default: undefined, example: '/run/sealcast-live' }),
  log_level: logLevel({ default: 'info', example: 'info' }),
};

export type Settings = ReturnType<typeof relaySettings>;

/** Throws SettingsError with every fault at once. */
export function relaySettings(env: NodeJS.ProcessEnv = process.env) {
  return readSettings(spec, env);
}
