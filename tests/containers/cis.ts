// CIS Docker Benchmark 1.7.0, section 5 (container runtime), read from what the engine tells of a container.
import { docker } from './docker.ts';

/** The part of `docker inspect` that is looked at. */
interface Inspected {
  Name: string;
  AppArmorProfile: string;
  Config: {
    User: string;
    Healthcheck?: { Test?: string[] };
    Labels: Record<string, string>;
  };
  HostConfig: {
    CapAdd: string[] | null;
    CapDrop: string[] | null;
    CpuShares: number;
    Devices: unknown[] | null;
    IpcMode: string;
    Memory: number;
    NetworkMode: string;
    PidMode: string;
    PidsLimit: number | null;
    PortBindings: Record<string, { HostIp: string; HostPort: string }[]> | null;
    Privileged: boolean;
    ReadonlyRootfs: boolean;
    RestartPolicy: { Name: string; MaximumRetryCount: number };
    SecurityOpt: string[] | null;
    Ulimits: { Name: string; Soft: number; Hard: number }[] | null;
    UsernsMode: string;
    UTSMode: string;
  };
  Mounts: { Type: string; Source: string; Destination: string; RW: boolean; Propagation: string }[];
}

type Check = (container: Inspected) => boolean;

const systemFolders = /^\/(boot|dev|etc|lib|proc|sys|usr)?(\/|$)/;
const isBinding = ({ Type }: Inspected['Mounts'][number]): boolean => Type === 'bind';
const bindings = ({ HostConfig }: Inspected) =>
  Object.entries(HostConfig.PortBindings ?? {}).flatMap(([port, places]) =>
    places.map((place) => ({ port, ...place })),
  );
const optedOut = ({ HostConfig }: Inspected, what: RegExp): boolean =>
  (HostConfig.SecurityOpt ?? []).some((option) => what.test(option));

/**
 * By number; each is true where the container is as it should be. Missing are those that no container shows: 5.1 (swarm mode), 5.7 (sshd),
 * 5.23 and 5.24 (how `docker exec` is used), 5.25 (cgroups) and 5.28 (newest images).
 */
const cis: Readonly<Record<string, Check>> = {
  '5.2 AppArmor is not turned off': (c) =>
    c.AppArmorProfile !== 'unconfined' && !optedOut(c, /^apparmor[=:]unconfined/),
  '5.3 SELinux is not turned off': (c) => !optedOut(c, /^label[=:]disable/),
  '5.4 no kernel capability is left': ({ HostConfig: { CapAdd, CapDrop } }) =>
    (CapAdd ?? []).length === 0 && (CapDrop ?? []).includes('ALL'),
  '5.5 it is not privileged': ({ HostConfig }) => !HostConfig.Privileged,
  '5.6 no folder of the system is mounted': ({ Mounts }) =>
    !Mounts.some((mount) => isBinding(mount) && systemFolders.test(mount.Source)),
  '5.8 no privileged port is published': (c) => bindings(c).every(({ HostPort }) => Number(HostPort) >= 1024),
  '5.9 only ports that are needed are published': (c) =>
    bindings(c).every(({ port }) => /^(8080|8443|\d{5})\/tcp$/.test(port)),
  "5.10 the machine's network is not shared": ({ HostConfig }) => HostConfig.NetworkMode !== 'host',
  '5.11 memory is limited': ({ HostConfig }) => HostConfig.Memory > 0 && HostConfig.Memory <= 2 ** 29,
  '5.12 it has a share of the CPU that is below the rest': ({ HostConfig: { CpuShares } }) =>
    CpuShares > 0 && CpuShares < 1024,
  '5.13 its root file system is read-only': ({ HostConfig }) => HostConfig.ReadonlyRootfs,
  '5.14 published ports are bound to the address that was asked for': (c) =>
    bindings(c).every(({ HostIp }) => HostIp === '127.0.0.1'),
  '5.15 it is started again five times at most': ({ HostConfig: { RestartPolicy } }) =>
    RestartPolicy.Name === 'no' || (RestartPolicy.Name === 'on-failure' && RestartPolicy.MaximumRetryCount <= 5),
  "5.16 the machine's processes are not shared": ({ HostConfig }) => HostConfig.PidMode === '',
  "5.17 the machine's IPC is not shared": ({ HostConfig }) => HostConfig.IpcMode === 'private',
  '5.18 no device of the machine is handed in': ({ HostConfig }) => (HostConfig.Devices ?? []).length === 0,
  '5.19 what it may have open is no more than it needs': ({ HostConfig }) =>
    (HostConfig.Ulimits ?? []).every(({ Name, Hard }) => Name === 'nofile' && Hard <= 16_384),
  '5.20 mounts are not passed back': ({ Mounts }) => Mounts.every(({ Propagation }) => !Propagation.includes('shared')),
  "5.21 the machine's name is not shared": ({ HostConfig }) => HostConfig.UTSMode === '',
  '5.22 the seccomp profile is not turned off': (c) => !optedOut(c, /^seccomp[=:]unconfined/),
  '5.26 no new privileges can be won': (c) => optedOut(c, /^no-new-privileges(:true)?$/),
  '5.27 its health is looked at': ({ Config }) =>
    Config.Healthcheck?.Test !== undefined && Config.Healthcheck.Test[0] !== 'NONE',
  '5.29 processes are limited': ({ HostConfig }) => (HostConfig.PidsLimit ?? 0) > 0,
  '5.30 the default bridge is not used': ({ HostConfig }) => !['default', 'bridge'].includes(HostConfig.NetworkMode),
  "5.31 the machine's user namespace is not shared": ({ HostConfig }) => HostConfig.UsernsMode !== 'host',
  "5.32 the engine's socket is not mounted": ({ Mounts }) =>
    !Mounts.some(({ Source }) => Source.endsWith('docker.sock')),
  // Section 4, which the image may have left open.
  '4.1 its user is not root': ({ Config }) => /^[1-9]\d*:[1-9]\d*$/.test(Config.User),
};

/** What each container of a Compose project fails at: `service check`. */
export async function failed(project: string): Promise<{ services: string[]; faults: string[] }> {
  const label = `label=com.docker.compose.project=${project}`;
  const ids = (await docker(['ps', '--all', '--quiet', '--filter', label])).split('\n').filter(Boolean);
  const containers = JSON.parse(await docker(['inspect', ...ids])) as Inspected[];
  const nameOf = ({ Config }: Inspected): string => Config.Labels['com.docker.compose.service'] ?? '';
  const faults = containers.flatMap((container) =>
    Object.entries(cis)
      .filter(([, holds]) => !holds(container))
      .map(([check]) => `${nameOf(container)} ${check}`),
  );
  return { services: containers.map(nameOf).toSorted(), faults: faults.toSorted() };
}
