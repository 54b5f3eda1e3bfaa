import { Type } from 'typebox';
import { NodeId } from '../../fleet/views.ts';

export const closed = { additionalProperties: false } as const;

/** A route that takes no query. */
export const NoQuery = Type.Object({}, closed);

export const Done = Type.Null({ description: 'Done.' });

/** What people call something. */
export const Label = Type.String({ minLength: 1, maxLength: 64, pattern: '^[^\\u0000-\\u001f\\u007f-\\u009f]*$' });

export const RelayId = NodeId;

export const NodeParams = Type.Object({ id: NodeId }, closed);
