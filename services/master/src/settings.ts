import { fleetSettings, masterRules } from '@sealcast/runtime/fleet-settings';
import { readSettings, type Rule } from '@sealcast/runtime/settings';
import {
  filePath,
  folderPath,
  host,
  listenHosts,
  mechanism,
  port,
  publicHost,
  socketPath,
} from '@sealcast/runtime/validators';
import { proxies } from './proxies-setting.ts';

const spec = {
  server_host: host({ default: '0.0.0.0', example: '0.0.0.0' }),
  server_port: port({ default: 8080, example: '8080' }),
  server_socket: socketPath({ default: undefined, example: '/run/sealcast/page.sock' }),
  server_tls_crt_fp: filePath({ default: undefined, example: '/var/lib/sealcast/tls/tls.crt' }),
  server_tls_key_fp: filePath({ default: undefined, example: '/var/lib/sealcast/tls/tls.key' }),
  server_virtual_host: fleetSettings.server_virtual_host,
  server_behind_proxy: proxies({ default: false, example: 'true' }),
  server_hsts_days: fleetSettings.server_hsts_days,
  mq_sub_host: listenHosts({ default: ['0.0.0.0'], example: '0.0.0.0' }),
  mq_sub_port: port({ default: 36500, example: '36500' }),
  mq_pub_port: port({ default: 36501, example: '36501' }),
  mq_join_sub_port: port({ default: 36502, example: '36502' }),
  mq_join_pub_port: port({ default: 36503, example: '36503' }),
  mq_mechanism: mechanism({ default: 'curve', example: 'curve' }),
  mq_zap_file: filePath({ default: undefined, example: '/var/lib/sealcast/keys/hop-keys' }),
  mq_zap_command: filePath({ default: undefined, example: '/usr/local/bin/may-connect' }),
  mq_public_host: publicHost({ default: undefined, example: 'master.lan' }),
  mq_transport_pem_key: filePath({ default: undefined, example: '/var/lib/sealcast/keys/transport.pem' }),
  keys_dir: folderPath({ default: './data/keys' }),
  data_dir: folderPath({ default: './data/master' }),
  dashboard_dir: folderPath({ default: './dist/dashboard' }),
  install_dir: folderPath({ default: './dist/install' }),
  report_interval: fleetSettings.report_interval,
  retention_hours: fleetSettings.retention_hours,
  log_level: fleetSettings.log_level,
};

const certificateAndKey: Rule = (env) => {
  const { server_tls_crt_fp: certificate, server_tls_key_fp: key } = env;
  if ((certificate === undefined) === (key === undefined)) return undefined;
  const missing = key === undefined ? 'server_tls_key_fp' : 'server_tls_crt_fp';
  return `${missing} is not set: TLS needs the certificate and its key; set both, or neither for plain HTTP behind a proxy`;
};

// A proxy ends TLS before the socket, and whoever can open it is that proxy.
const socketAlone: Rule = ({ server_socket: socket, server_tls_crt_fp: certificate, server_behind_proxy: proxy }) => {
  if (socket === undefined) return undefined;
  const other =
    certificate !== undefined ? 'server_tls_crt_fp' : proxy !== undefined ? 'server_behind_proxy' : undefined;
  return (
    other &&
    `server_socket and ${other} are both set: a proxy that speaks TLS stands before the socket, and it alone is believed; leave ${other} out`
  );
};

const hstsNeedsTls: Rule = (env) => {
  const { server_hsts_days: days = '0', server_behind_proxy: proxy = 'false' } = env;
  const isSecure = env['server_tls_crt_fp'] !== undefined || env['server_socket'] !== undefined || proxy !== 'false';
  return days === '0' || isSecure
    ? undefined
    : 'server_hsts_days is set, and the page is served without TLS; browsers would not heed it: leave it out';
};

export type Settings = ReturnType<typeof masterSettings>;

/** Throws SettingsError with every fault at once. */
export function masterSettings(env: NodeJS.ProcessEnv = process.env) {
  return readSettings(spec, env, [certificateAndKey, socketAlone, hstsNeedsTls, ...masterRules]);
}
