import { EnvError, makeExactValidator } from 'envalid';
import { fleetSettings, masterRules } from '@sealcast/runtime/fleet-settings';
import { readSettings } from '@sealcast/runtime/settings';
import { folderPath, hosts, mechanism, port, publicHost, wholeNumber } from '@sealcast/runtime/validators';

const accountName = makeExactValidator<string>((text) => {
  if (!/^[\p{L}\p{N}._@-]{1,64}$/u.test(text))
    throw new EnvError(`is "${text}"; write 1 to 64 letters, digits or . _ @ -`);
  return text;
});

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

const owner = makeExactValidator<Owner>((text) => {
  const [, uid, gid] = /^(\d{1,9}):(\d{1,9})$/.exec(text) ?? [];
  if (uid === undefined || gid === undefined)
    throw new EnvError(`is "${text}"; write the numbers of a user and a group with a colon between them`);
  return { uid: Number(uid), gid: Number(gid) };
});

const oneOrNone = makeExactValidator<number>((text) => {
  if (text !== '0' && text !== '1') throw new EnvError(`is "${text}"; write 1 or 0`);
  return Number(text);
});

const spec = {
  keys_dir: folderPath({ default: './data/keys', desc: "the master's private keys and the first account" }),
  tls_dir: folderPath({ default: './data/tls', desc: 'key and certificate of the web server' }),
  nodes_dir: folderPath({ default: './data/nodes', desc: 'what nodes may read: public keys and invites' }),
  init_nodes: wholeNumber(
    0,
    1000,
    'invites',
  )({
    default: undefined,
    example: '3',
    desc: 'how many invites to make, instead of one for each demo node that runs',
  }),
  demo_nodes: oneOrNone({ default: 1, example: '0', desc: 'whether the three demo nodes run: 1, or 0' }),
  demo_node_1: oneOrNone({ default: undefined, example: '0', desc: 'the same for the first by itself' }),
  demo_node_2: oneOrNone({ default: undefined, example: '0', desc: 'the same for the second' }),
  demo_node_3: oneOrNone({ default: undefined, example: '0', desc: 'the same for the third' }),
  init_invite_hours: wholeNumber(
    1,
    8760,
    'hours',
  )({ default: 168, example: '168', desc: 'how long an invite is good for' }),
  init_admin: accountName({ default: 'admin', example: 'admin', desc: 'name of the first account' }),
  init_owner: owner({
    default: undefined,
    example: '1000:1000',
    desc: 'whom files belong to, where init runs as root',
  }),
  tls_names: hosts({
    default: [],
    example: 'sealcast.lan,192.168.1.5',
    desc: 'more names and addresses of the web page',
  }),
  mq_mechanism: mechanism({
    default: 'curve',
    example: 'curve',
    desc: 'what guards the ports below the seal: curve, plain or null',
  }),
  mq_public_host: publicHost({ default: 'localhost', example: 'master.lan', desc: 'where nodes find the master' }),
  mq_sub_port: port({ default: 36500, example: '36500', desc: 'TCP port that nodes report to' }),
  mq_pub_port: port({ default: 36501, example: '36501', desc: 'TCP port that nodes listen to' }),
  mq_join_sub_port: port({ default: 36502, example: '36502', desc: 'TCP port that nodes send to while they join' }),
  mq_join_pub_port: port({ default: 36503, example: '36503', desc: 'TCP port that nodes listen to while they join' }),
};

export type Settings = ReturnType<typeof initSettings>;

/**
 * `invites` are the numbers of those to make. Throws SettingsError with every fault at once, those of the master's and the nodes' own
 * settings too.
 */
export function initSettings(env: NodeJS.ProcessEnv = process.env) {
  const { init_nodes, demo_nodes, demo_node_1, demo_node_2, demo_node_3, ...settings } = readSettings(
    { ...fleetSettings, ...spec },
    env,
    masterRules,
  );
  // As docker-compose.yml has it.
  const running = [demo_node_1, demo_node_2, demo_node_3].map((one) => (one ?? demo_nodes) === 1);
  const asked = init_nodes === undefined ? running : Array.from({ length: init_nodes }, () => true);
  return { ...settings, invites: asked.flatMap((isAsked, index) => (isAsked ? [index + 1] : [])) };
}

/** One line a setting, for --help: name, what it is, what it is where nothing is set. */
export function settingsInWords(): { name: string; desc: string; fallback: string }[] {
  return Object.entries(spec).map(([name, { desc, default: fallback }]) => ({
    name,
    desc: desc ?? '',
    fallback: typeof fallback === 'string' || typeof fallback === 'number' ? String(fallback) : '',
  }));
}
