// Settings of the master and of nodes that init reads too: where .env sets them, it tells their faults together with its own, before
// any of the others has started.
import type { Rule } from './settings.ts';
import { basePath, logLevel, wholeNumber } from './validators.ts';

export const fleetSettings = {
  server_virtual_host: basePath({ default: '', example: '/sealcast' }),
  server_hsts_days: wholeNumber(0, 730, 'days')({ default: 0, example: '365' }),
  report_interval: wholeNumber(1, 3600, 'seconds')({ default: 5, example: '5' }),
  retention_hours: wholeNumber(1, 8760, 'hours')({ default: 24, example: '24' }),
  spool_max_mb: wholeNumber(1, 10_000, 'megabytes')({ default: 64, example: '64' }),
  spool_max_hours: wholeNumber(1, 8760, 'hours')({ default: 72, example: '72' }),
  log_level: logLevel({ default: 'info', example: 'info' }),
};

const ports = {
  mq_sub_port: 36500,
  mq_pub_port: 36501,
  mq_join_sub_port: 36502,
  mq_join_pub_port: 36503,
  server_port: 8080,
};

const portsApart: Rule = (env) => {
  const taken = Object.entries(ports).map(([name, usual]) => ({ name, port: env[name] ?? String(usual) }));
  const twice = taken.find(({ name, port }) => taken.some((other) => other.name !== name && other.port === port));
  if (twice === undefined) return undefined;
  const names = taken.filter(({ port }) => port === twice.port).map(({ name }) => name);
  return `${names.join(' and ')} share ${twice.port}; write a port of its own for each`;
};

const oneBackEnd: Rule = ({ mq_zap_file: file, mq_zap_command: command }) =>
  file === undefined || command === undefined
    ? undefined
    : 'mq_zap_file and mq_zap_command are both set: one of them decides who may connect; leave the other out';

export const masterRules: Rule[] = [portsApart, oneBackEnd];
