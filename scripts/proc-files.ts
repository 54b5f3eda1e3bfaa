/**
 * What a node in a container reads of the machine's /proc. Each is bound by itself: under /proc as a whole would lie the root folder of
 * every process of the node's user id, and with it other containers' files. `1/net` is a folder because `if_inet6` is not there on a
 * machine without IPv6; nothing in it leads to a process.
 */
export const procFiles = [
  'cpuinfo',
  'diskstats',
  'loadavg',
  'meminfo',
  'stat',
  'uptime',
  'sys/kernel/hostname',
  'sys/kernel/osrelease',
  'sys/kernel/random/boot_id',
  '1/mountinfo',
  '1/net',
] as const;

/** What only some machines have: an engine refuses to bind what is not there. */
export const rareProcFiles = ['driver/nvidia/gpus', 'spl/kstat/zfs/arcstats'] as const;
