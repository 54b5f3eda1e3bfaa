// What may pass: a topic of the right size, and a frame within the limit of its port. What is in it, nobody here can tell.
import { dataFrameMax, joinFrameMax } from '@sealcast/channel/constants';

export const topicBytes = 16;

/** Bytes of a frame. */
export const portFrames = { join: joinFrameMax, data: dataFrameMax } as const;
