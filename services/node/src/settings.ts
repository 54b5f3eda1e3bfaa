import { fleetSettings } from '@sealcast/runtime/fleet-settings';
import { readSettings } from '@sealcast/runtime/settings';
import { filePath, folderPath, host, mechanism, port } from '@sealcast/runtime/validators';
import { EnvError, makeExactValidator, str } from 'envalid';
import { invite } from './invite-setting.ts';

const nodeName = makeExactValidator<string>((text) => {
  if (!/^[^\p{Cc}]{1,64}$/u.test(text) || Buffer.byteLength(text) > 64)
    throw new EnvError('is too long; write a name of 64 bytes at most');
  return text;
});

const spec = {
  mq_invite_code: invite({ default: undefined, example: '/run/secrets/invite' }),
  mq_transport_pub_key: filePath({ default: undefined, example: '/var/lib/sealcast/nodes/transport.pub' }),
  mq_sub_host: host({ default: undefined, example: 'master.lan' }),
  mq_sub_port: port({ default: undefined, example: '36500' }),
  mq_pub_port: port({ default: undefined, example: '36501' }),
  mq_join_sub_port: port({ default: undefined, example: '36502' }),
  mq_join_pub_port: port({ default: undefined, example: '36503' }),
  mq_mechanism: mechanism({ default: undefined, example: 'curve' }),
  install_file: filePath({ default: undefined, example: '/opt/sealcast-node/setup' }),
  policy_file: filePath({ default: undefined, example: '/etc/sealcast/policy' }),
  state_dir: folderPath({ default: './data/node', example: '/var/lib/sealcast/state' }),
  live_file: str({ default: undefined, example: '/run/sealcast-live' }),
  node_name: nodeName({ default: undefined, example: 'attic-pi' }),
  host_root: folderPath({ default: undefined, example: '/host' }),
  spool_max_mb: fleetSettings.spool_max_mb,
  spool_max_hours: fleetSettings.spool_max_hours,
  log_level: fleetSettings.log_level,
};

export type Settings = ReturnType<typeof nodeSettings>;

/** Throws SettingsError with every fault at once. */
export function nodeSettings(env: NodeJS.ProcessEnv = process.env) {
  return readSettings(spec, env);
}
