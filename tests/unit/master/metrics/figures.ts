import type { MasterFigures } from '@sealcast/master/metrics/figures';

export const figures: MasterFigures = {
  refusals: { 'seal.open': 3, 'join.invite': 0 },
  cuts: { 'cut.denied': 2 },
  sessions: 5,
  joins: { new: 1, known: 4 },
  commands: [{ action: 'text', to: 'everyone', count: 6 }],
  queues: { reports: 7, joins: 8, outgoing: 9, receipts: 10 },
  transport: { up: true, restarts: 11 },
  eventStreams: 12,
  storeBytes: 13,
};
