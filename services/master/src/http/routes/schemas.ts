import { Type } from 'typebox';
import { NodeId } from '../../fleet/views.ts';

export const closed = { additionalProperties: false } as const;

/** A route that takes no query. */
export const NoQuery = Type.Object({}, closed);

export const Done = Type.Null();

export const NodeParams = Type.Object({ id: NodeId }, closed);
