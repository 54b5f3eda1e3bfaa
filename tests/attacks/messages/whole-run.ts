// A whole Sealcast that has done all that it does, everything that it said on the way, and every secret of it.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseHop } from '@sealcast/channel/hop-line';
import { formatInvite, parseInvite } from '@sealcast/channel/invite';
import type { NodeView } from '@sealcast/master/fleet/views';
import { Admin } from '../../stack/admin.ts';
import { FalseRelay } from '../../stack/false-relay.ts';
import { inviteThrough, masterLine, RelayProcess, tellOf } from '../../stack/relay-process.ts';
import { Stack } from '../../stack/stack.ts';
import { RawMember } from './raw-member.ts';
import { RecordingProxy } from './recording-proxy.ts';
import { bytesSecret, pemSecrets, type Secret, textSecret, z85Secret } from './secrets.ts';

const text = 'The key of the cellar lies under the third pot';
/** `lined` is given its invite in the environment, the others in a file. */
export const names = { near: 'greenhouse-near', far: 'greenhouse-far', lined: 'greenhouse-lined' };
type Name = keyof typeof names;
const portNames = ['mq_sub_port', 'mq_pub_port', 'mq_join_sub_port', 'mq_join_pub_port'] as const;

export interface WholeRun extends AsyncDisposable {
  stack: Stack;
  admin: Admin;
  relay: RelayProcess;
  middle: FalseRelay;
  cookie: string;
  /** All hops of the wire, and what went over HTTP in the clear. */
  wire: RecordingProxy[];
  web: RecordingProxy;
  nodes: NodeView[];
  /** By whom they may be known. */
  secrets: Record<'master' | 'curve' | 'people' | 'invites' | 'relay' | 'member' | Name, Secret[]>;
  lines: string[];
  epochKeys: Secret[];
  /** No secrets, but nobody's business on the way: what is said, and who is there. */
  said: Secret[];
}

export async function wholeRun(): Promise<WholeRun> {
  const disposing = new AsyncDisposableStack();
  const stack = disposing.use(await Stack.start({ master: { report_interval: '1', log_level: 'trace' } }));
  const wire: RecordingProxy[] = [];
  const before = async (port: number) => {
    const proxy = disposing.use(await RecordingProxy.before(port));
    wire.push(proxy);
    return proxy.port;
  };
  const beforeAll = async (ports: number[]) => {
    const proxied: number[] = [];
    for (const port of ports) proxied.push(await before(port));
    const [dataIn = 0, dataOut = 0, joinIn = 0, joinOut = 0] = proxied;
    const settings = Object.fromEntries(portNames.map((name, index) => [name, String(proxied[index])]));
    return { data: [dataIn, dataOut] as [number, number], join: [joinIn, joinOut] as [number, number], settings };
  };
  const toMaster = await beforeAll(portNames.map((name) => Number(stack.ports[name])));

  const web = disposing.use(await RecordingProxy.before(Number(stack.ports['server_port'])));
  const url = `http://127.0.0.1:${web.port}`;
  const password = readFileSync(join(stack.keys, 'admin.password'), 'utf8').trim();
  const admin = await Admin.signIn(url, 'admin', password);
  const cookie = await signIn(url, password);

  const { data, join: joinPorts } = toMaster;
  const hop = { ...parseHop(await masterLine(admin)), data, join: joinPorts };
  const middle = disposing.use(await FalseRelay.start(hop, (line) => tellOf(admin, line, 'middle')));
  const relay = disposing.use(await RelayProcess.start(middle.line, { log_level: 'trace' }));
  const known = await tellOf(admin, await relay.line());
  await relay.process.says('the way up is open');
  const below = parseHop(await relay.line());
  const toRelay = await beforeAll([...below.data, ...below.join]);

  const invite = (number: number) => readFileSync(join(stack.folder, 'nodes', `invite-${number}`), 'utf8').trim();
  const through = await inviteThrough(admin, known, names.far);
  const farFile = join(stack.folder, 'invite-far');
  writeFileSync(farFile, `${through}\n`, { mode: 0o600 });
  const trace = { log_level: 'trace' };
  stack.startNode(names.near, 1, { ...trace, ...toMaster.settings });
  stack.startNode(names.far, 0, { ...trace, ...toRelay.settings, mq_invite_code: farFile });
  stack.startNode(names.lined, 0, { ...trace, ...toMaster.settings, mq_invite_code: invite(3) });
  const line = formatInvite({ ...parseInvite(invite(2)), data, join: joinPorts });
  const member = disposing.use(await RawMember.join(line));
  const nodes = await admin.nodesWhen((all) => all.filter(({ sample }) => sample !== null).length === 3, 90_000);
  const { id } = await admin.broadcast(text);
  await admin.watch(async () => {
    const receipts = (await admin.commands()).find((one) => one.id === id)?.receipts ?? [];
    return receipts.filter(({ outcome }) => outcome === 'done').length === 3 || undefined;
  }, 60_000);

  const keyFile = (name: string) => readFileSync(join(stack.keys, name), 'utf8');
  const relayKeys = JSON.parse(readFileSync(join(relay.folder, 'relay', 'relay.json'), 'utf8'));
  const ofNode = (name: Name): Secret[] => {
    const { seed, curve } = JSON.parse(readFileSync(join(stack.stateOf(names[name]), 'identity.json'), 'utf8'));
    return [
      bytesSecret(`the seed of ${name}`, Buffer.from(seed, 'hex')),
      z85Secret(`the CURVE secret of ${name}`, curve.secretKey),
    ];
  };
  const lines = [invite(1), invite(2), invite(3), through];
  const { up, down } = member.session.keys;
  return {
    stack,
    admin,
    relay,
    middle,
    cookie,
    wire,
    web,
    nodes,
    lines,
    secrets: {
      master: [
        ...pemSecrets('transport.pem', keyFile('transport.pem')),
        ...pemSecrets('signing.pem', keyFile('signing.pem')),
        ...pemSecrets('tls.key', readFileSync(join(stack.folder, 'tls', 'tls.key'), 'utf8')),
      ],
      curve: [z85Secret('the CURVE secret of the master', keyFile('curve.key').trim())],
      people: [
        textSecret('the password', password),
        textSecret('the token for metrics', keyFile('metrics.token').trim()),
        textSecret('a cookie', cookie.split('=')[1] ?? ''),
        textSecret('the hash of the password', String(JSON.parse(keyFile('admin.json')).hash)),
      ],
      invites: lines.flatMap((one, index) => [
        textSecret(`line ${index}`, one),
        bytesSecret(`code ${index}`, parseInvite(one).code),
      ]),
      relay: [
        z85Secret('the CURVE secret of the relay downward', relayKeys.down.secretKey),
        z85Secret('the CURVE secret of the relay upward', relayKeys.up.secretKey),
      ],
      member: [
        bytesSecret('the key up of a session', up),
        bytesSecret('the key down of a session', down),
        bytesSecret('the seed of a member', member.identity.identitySeed),
        z85Secret('the CURVE secret of a member', member.curve.secretKey),
      ],
      near: ofNode('near'),
      far: ofNode('far'),
      lined: ofNode('lined'),
    },
    epochKeys: member.epochs.map(({ epoch, key }) => bytesSecret(`the key of epoch ${epoch}`, key)),
    said: [
      textSecret('the text', text),
      ...Object.values(names).map((name) => textSecret(`the name ${name}`, name)),
      ...nodes.map((node) => bytesSecret(`the id of ${node.name}`, Buffer.from(node.id, 'hex'))),
    ],
    [Symbol.asyncDispose]: () => disposing.disposeAsync(),
  };
}

async function signIn(url: string, password: string): Promise<string> {
  const body = JSON.stringify({ name: 'admin', password });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${url}/api/session`, { method: 'POST', headers, body });
  return response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
}
