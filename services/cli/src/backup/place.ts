// Where a master keeps what a backup holds, and its settings that other machines depend on.
import { join } from 'node:path';
import { type Settings, masterSettings } from '@sealcast/master/settings';

export interface Place {
  keys: string;
  data: string;
  store: string;
  /** Where the newest RSA key lies, where that is not in `keys`. */
  transportPem: string | undefined;
  /** Lines of a .env: what is set, and is not about this machine alone. */
  settings: string;
}

/** Of a path or an address of this machine, or of how much it says. */
const ofThisMachine =
  /_dir$|_fp$|^server_host$|^server_port$|^server_behind_proxy$|^server_socket$|^mq_sub_host$|^mq_transport_pem_key$|^log_level$/;

/** Throws SettingsError where the master would not start with these settings. */
export function placeOf(env: NodeJS.ProcessEnv): Place {
  const settings: Settings = masterSettings(env);
  const { keys_dir: keys, data_dir: data, mq_transport_pem_key: transportPem } = settings;
  const lines = Object.keys(settings)
    .filter((name) => (env[name] ?? '') !== '' && !ofThisMachine.test(name))
    .map((name) => `${name}=${env[name]}\n`);
  return { keys, data, store: join(data, 'sealcast.db'), transportPem, settings: lines.join('') };
}
