// Who may connect is asked by ZAP (ZeroMQ RFC 27), and what is asked can fail, also because the attacker makes it: by load, by a full
// disk, or by words in a request that a program trips over. libzmq's default is to let everybody in where nobody answers.
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOptions } from '@sealcast/hop/mechanism';
import { bindSockets, closeSockets, openSockets } from '@sealcast/hop/sockets';
import { ZapCommand } from '@sealcast/master/admission/zap-command';
import { createLog } from '@sealcast/runtime/log';
import { expect, test } from 'vitest';
import { Context, curveKeyPair, Push } from 'zeromq';
import { firstOf, HopWire } from '../../stack/hop-wire.ts';
import { AttackedMaster } from './attacked-master.ts';
import { CurveClient } from './curve-client.ts';
import { type Answers, ZapOfTheTest } from './zap-of-the-test.ts';

const failures: [string, Answers | undefined][] = [
  ['is absent', undefined],
  ['hangs', () => undefined],
  ['answers with another version', ([, id]) => ['2.0', id, '200', 'OK', '', '']],
  ['answers without a version', ([, id]) => ['', id, '200', 'OK', '', '']],
  ['answers another request', ([version]) => [version, 'another', '200', 'OK', '', '']],
  ['answers 300', ([version, id]) => [version, id, '300', 'Later', '', '']],
  ['answers 400', ([version, id]) => [version, id, '400', 'No', '', '']],
  ['answers 500', ([version, id]) => [version, id, '500', 'Broken', '', '']],
  ['answers 2000', ([version, id]) => [version, id, '2000', 'OK', '', '']],
  ['answers 20', ([version, id]) => [version, id, '20', 'OK', '', '']],
  ['answers OK', ([version, id]) => [version, id, 'OK', '200', '', '']],
  ['answers half', ([version, id]) => [version, id, '200']],
  ['answers nothing', () => []],
  ['answers with a frame too many', ([version, id]) => [version, id, '200', 'OK', '', '', 'x']],
  ['answers with metadata that is none', ([version, id]) => [version, id, '200', 'OK', '', '\xff\xff']],
];

const good: Answers = ([version, id]) => [version, id, '200', 'OK', '', ''];

interface Seen {
  name: string;
  ready: boolean;
  asked: number;
}

/** One handshake with a server as the product sets it up, but for its ZAP handler. */
async function handshake(name: string, answers: Answers | undefined): Promise<Seen> {
  const context = new Context();
  const zap = answers === undefined ? undefined : await ZapOfTheTest.start(context, answers);
  const server = curveKeyPair();
  const sockets = openSockets(context, { mechanism: 'curve', ...server });
  const { dataIn } = await bindSockets(sockets);
  try {
    using client = await CurveClient.greeted(dataIn, server.publicKey);
    const ready = (await client.shakes(curveKeyPair(), 'PUSH')) !== undefined;
    return { name, ready, asked: zap?.requests.length ?? 0 };
  } finally {
    closeSockets(sockets);
    await zap?.[Symbol.asyncDispose]();
  }
}

test('a ZAP handler that is absent, hangs, or answers with another version, another request, 300, 400, 500 or half lets nobody in', async () => {
  const seen = await Promise.all(failures.map(([name, answers]) => handshake(name, answers)));
  expect(seen).toEqual(
    failures.map(([name, answers]) => ({ name, ready: false, asked: answers === undefined ? 0 : 1 })),
  );
  expect(await handshake('good', good)).toEqual({ name: 'good', ready: true, asked: 1 });
});

test('nobody is let in by one that hangs, throws or says something else behind the handler', async () => {
  const answers = [
    () => Promise.withResolvers<boolean>().promise,
    () => {
      throw new Error('broken');
    },
    () => Promise.reject(new Error('broken later')),
    () => JSON.parse('"true"'),
    () => JSON.parse('1'),
    () => JSON.parse('{"allow":true}'),
    () => JSON.parse('null'),
  ];
  let turn = -1;
  await using wire = await HopWire.start({
    open: true,
    admits: () => {
      turn += 1;
      const answer = answers[turn];
      return answer === undefined ? true : answer();
    },
  });
  for (const index of answers.keys()) {
    expect(await firstOf(wire.push('dataIn', wire.stranger()))).toBe('handshake:error:auth');
    expect(turn).toBe(index);
  }
  expect(wire.cuts('cut.denied')).toBe(answers.length);
  expect(wire.got).toEqual([]);
  expect(await firstOf(wire.push('dataIn', wire.stranger()))).toBe('handshake');
});

test('strangers who keep the program busy keep nobody waiting who comes from another address', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealcast-'));
  const path = join(folder, 'may-connect');
  await writeFile(path, '#!/bin/sh\nsleep 0.3\necho allow\n', { mode: 0o700 });
  const command = new ZapCommand(path, createLog('test', 'silent'));
  let asked = 0;
  await using wire = await HopWire.start({
    open: true,
    admits: (request) => {
      asked += 1;
      return command.allows({ ...request, isKnown: false });
    },
  });
  const strangers = Array.from({ length: 80 }, () => {
    const { credentials } = wire.stranger();
    const stranger = new Push({ linger: 0, ...clientOptions(credentials, 'data') });
    stranger.connect(`tcp://127.0.0.9:0;127.0.0.1:${wire.ports.dataIn}`);
    return stranger;
  });
  // All that run, and all that may wait.
  await wire.until(() => asked >= 68);
  expect(await firstOf(wire.push('dataIn', wire.stranger()))).toBe('handshake');
  for (const stranger of strangers) stranger.close();
  command.stop();
  await rm(folder, { recursive: true });
});

test('a program behind a whole master that hangs, crashes or says something else lets nobody in, until it works', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sealcast-'));
  const program = join(folder, 'may-connect');
  const says = async (script: string) => {
    await writeFile(program, `#!/bin/sh\n${script}\n`);
    await chmod(program, 0o700);
  };
  await says('exit 3');
  await using master = await AttackedMaster.start({ master: { mq_zap_command: program } });
  // It joins, for that is asked of nobody, and then stands before the data ports.
  const node = master.stack.startNode('node-1', 1);
  for (const script of ['exit 3', 'sleep 60', 'echo yes', 'echo allow; exit 1', 'kill -9 $$', 'echo denied']) {
    await says(script);
    const denied = await master.cuts('cut.denied');
    const stranger = new Push({ linger: 0, ...keysFor(master.serverKey) });
    const outcome = firstOf(stranger);
    stranger.connect(`tcp://127.0.0.1:${master.ports.dataIn}`);
    expect(await outcome).toBe('handshake:error:auth');
    stranger.close();
    await master.haveCutSome('cut.denied', denied + 1);
  }
  expect(node.lines.filter(({ msg }) => msg?.includes('could not be sealed'))).toEqual([]);
  expect((await master.admin.nodes()).filter(({ facts }) => facts !== null)).toEqual([]);
  await says('echo allow');
  await master.admin.nodesWhen((nodes) => nodes.some(({ facts }) => facts !== null), 50_000);
  await rm(folder, { recursive: true });
});

function keysFor(curveServerKey: string) {
  const { publicKey, secretKey } = curveKeyPair();
  return { curvePublicKey: publicKey, curveSecretKey: secretKey, curveServerKey };
}
