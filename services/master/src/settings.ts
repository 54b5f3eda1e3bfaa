import { readSettings, type Rule } from '@sealcast/runtime/settings';
import {
  basePath,
  filePath,
  folderPath,
  host,
  listenHosts,
  logLevel,
  mechanism,
  port,
  socketPath,
  wholeNumber,
} from '@sealcast/runtime/validators';
import { proxies } from './proxies-setting.ts';

const spec = {
  server_host: host({ default: '0.0.0.0', example: '0.0.0.0' }),
  server_port: port({ default: 8080, example: '8080' }),
  server_socket: socketPath({ default: undefined, example: '/run/sealcast/page.sock' }),
  server_tls_crt_fp: filePath({ default: undefined, example: '/var/lib/sealcast/tls/tls.crt' }),
  server_tls_key_fp: filePath({ default: undefined, example: '/var/lib/sealcast/tls/tls.key' }),
  server_virtual_host: basePath({ default: '', example: '/sealcast' }),
  server_behind_proxy: proxies({ default: false, example: 'true' }),
  server_hsts_days: wholeNumber(0, 730, 'days')({ default: 0, example: '365' }),
  mq_sub_host: listenHosts({ default: ['0.0.0.0'], example: '0.0.0.0' }),
  mq_sub_port: port({ default: 36500, example: '36500' }),
  mq_pub_port: port({ default: 36501, example: '36501' }),
  mq_join_sub_port: port({ default: 36502, example: '36502' }),
  mq_join_pub_port: port({ default: 36503, example: '36503' }),
  mq_mechanism: mechanism({ default: 'curve', example: 'curve' }),
  mq_zap_file: filePath({ default: undefined, example: '/var/lib/sealcast/keys/hop-keys' }),
  mq_zap_command: filePath({ default: undefined, example: '/usr/local/bin/may-connect' }),
  mq_public_host: host({ default: undefined, example: 'master.lan' }),
  mq_transport_pem_key: filePath({ default: undefined, example: '/var/lib/sealcast/keys/transport.pem' }),
  keys_dir: folderPath({ default: './data/keys' }),
  data_dir: folderPath({ default: './data/master' }),
  dashboard_dir: folderPath({ default: './dist/dashboard' }),
  install_dir: folderPath({ default: './dist/install' }),
  report_interval: wholeNumber(1, 3600, 'seconds')({ default: 5, example: '5' }),
  retention_hours: wholeNumber(1, 8760, 'hours')({ default: 24, example: '24' }),
  log_level: logLevel({ default: 'info', example: 'info' }),
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

const portNames = ['mq_sub_port', 'mq_pub_port', 'mq_join_sub_port', 'mq_join_pub_port', 'server_port'] as const;

const portsApart: Rule = (env) => {
  const ports = portNames.map((name) => env[name] ?? String(spec[name].default));
  const twice = ports.find((one, index) => ports.indexOf(one) !== index);
  if (twice === undefined) return undefined;
  const names = portNames.filter((_, index) => ports[index] === twice);
  return `${names.join(' and ')} share ${twice}; write a port of its own for each`;
};

const oneBackEnd: Rule = ({ mq_zap_file: file, mq_zap_command: command }) =>
  file === undefined || command === undefined
    ? undefined
    : 'mq_zap_file and mq_zap_command are both set: one of them decides who may connect; leave the other out';

export type Settings = ReturnType<typeof masterSettings>;

/** Throws SettingsError with every fault at once. */
export function masterSettings(env: NodeJS.ProcessEnv = process.env) {
  return readSettings(spec, env, [certificateAndKey, socketAlone, hstsNeedsTls, portsApart, oneBackEnd]);
}
