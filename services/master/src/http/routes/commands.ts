import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox';
import { Type } from 'typebox';
import type { Fleet } from '../../fleet/fleet-port.ts';
import { Action, CommandView, NodeId } from '../../fleet/views.ts';
import { HttpError, refusals } from '../errors.ts';
import { sessionOf } from '../signed-in.ts';
import { closed, NoQuery } from './schemas.ts';

const shown = 100;
const targetsMax = 1000;
const weekSeconds = 7 * 86_400;
/** PROTOCOL.md, Payloads: `text`, and `path` and `line`. */
const textBytesMax = 4096;
const lineBytesMax = 256;

const schemas = {
  list: {
    tags: ['commands'],
    summary: 'The newest hundred commands, and who has answered',
    querystring: NoQuery,
    response: { 200: Type.Object({ commands: Type.Array(CommandView) }, closed), ...refusals },
  },
  order: {
    tags: ['commands'],
    summary: 'Sends a command to all nodes or some',
    description:
      'Each node does it at most once, and only if its own policy allows it. It expires in an hour where nobody says when.',
    querystring: NoQuery,
    body: Type.Object(
      {
        action: Action,
        targets: Type.Union([
          Type.Literal('everyone'),
          Type.Array(NodeId, { minItems: 1, maxItems: targetsMax, uniqueItems: true }),
        ]),
        expiresInSeconds: Type.Optional(Type.Integer({ minimum: 1, maximum: weekSeconds })),
      },
      closed,
    ),
    response: { 201: CommandView, ...refusals },
  },
};

export const commandRoutes: FastifyPluginAsyncTypebox<{ fleet: Fleet }> = async (app, { fleet }) => {
  app.get('/commands', { schema: schemas.list }, () => ({ commands: fleet.commands(shown) }));

  app.post('/commands', { schema: schemas.order }, async (request, reply) => {
    const { action, targets, expiresInSeconds = 3600 } = request.body;
    refuseUnsendable(action);
    if (targets !== 'everyone' && targets.some((id) => fleet.node(id) === undefined))
      throw new HttpError('node.unknown');
    const view = fleet.command({ action, targets, expiresInSeconds, by: sessionOf(request).name });
    return reply.status(201).send(view);
  });
};

function refuseUnsendable(action: Action): void {
  if (action.type === 'text' && !isSendable(action.text, textBytesMax)) throw new HttpError('command.text');
  if (action.type !== 'run') return;
  if (![action.program, ...action.arguments].every((text) => isSendable(text, lineBytesMax)))
    throw new HttpError('command.run');
}

/** The schema counts characters, and takes halves of surrogate pairs, which UTF-8 can't hold. */
function isSendable(text: string, bytesMax: number): boolean {
  return text.isWellFormed() && Buffer.byteLength(text) <= bytesMax;
}
