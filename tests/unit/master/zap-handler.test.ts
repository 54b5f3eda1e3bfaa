import { ZapHandler, type ZapRequest } from '@sealcast/master/transport/zap-handler';
import { expect, test } from 'vitest';
import { Request } from 'zeromq';

const key = Buffer.alloc(32, 7);
const good = ['1.0', 'request 1', 'data', '10.0.0.1', 'identity', 'CURVE', key];

async function asked(frames: (string | Buffer)[], allows: (request: ZapRequest) => boolean = () => true) {
  const handler = new ZapHandler(allows);
  await handler.start();
  const socket = new Request({ linger: 0 });
  socket.connect('inproc://zeromq.zap.01');
  await socket.send(frames);
  const reply = await socket.receive();
  socket.close();
  await handler.stop();
  return reply.map(String);
}

test('a well-formed request is put to who decides, and answered under its own id', async () => {
  const requests: ZapRequest[] = [];
  const reply = await asked(good, (request) => requests.push(request) > 0);
  expect(reply).toEqual(['1.0', 'request 1', '200', 'OK', '', '']);
  expect(requests).toEqual([{ domain: 'data', address: '10.0.0.1', curveKey: key }]);
});

test('a no is a 400', async () => {
  expect(await asked(good, () => false)).toEqual(['1.0', 'request 1', '400', 'No', '', '']);
});

test('who decides and fails says no', async () => {
  expect(await asked(good, () => JSON.parse('broken'))).toContain('400');
});

test.each([
  ['another version', ['1.1', ...good.slice(1)]],
  ['the mechanism NULL', [...good.slice(0, 5), 'NULL', key]],
  ['the mechanism PLAIN', [...good.slice(0, 5), 'PLAIN', 'name', 'secret']],
  ['a short key', [...good.slice(0, 6), key.subarray(1)]],
  ['a frame too many', [...good, 'x']],
  ['a frame too few', good.slice(0, 6)],
  ['nothing but a version', ['1.0']],
])('%s is refused without asking', async (_, frames) => {
  let questions = 0;
  const reply = await asked(frames, () => {
    questions += 1;
    return true;
  });
  expect(reply[2]).toBe('400');
  expect(questions).toBe(0);
});
