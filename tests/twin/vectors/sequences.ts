// replay.json, allowance.json and epochs.json: what is sent in, in this order, and what becomes of each.
import { toHex } from '../bytes.ts';
import { sealBroadcast } from '../broadcast.ts';
import { everyone, sessionMaxMessages } from '../envelope.ts';
import { epochKeys } from '../key-schedule.ts';
import { textCommand } from './bodies.ts';
import { inJson, type VectorFile } from './file.ts';
import { draw, ids, signing, signingSeed } from './world.ts';

const taken = 'taken';
const replayed = 'sequence.replayed';
type Step = [sequence: number, verdict: typeof taken | typeof replayed];

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

const windows: [name: string, steps: Step[]][] = [
  [
    'in order, then each again',
    [...range(1, 5).map((n): Step => [n, taken]), ...range(1, 5).map((n): Step => [n, replayed])],
  ],
  [
    'in reverse',
    range(1, 40)
      .toReversed()
      .map((n): Step => [n, taken]),
  ],
  [
    'the first may be any',
    [
      [5000, taken],
      [5000, replayed],
      [4999, taken],
    ],
  ],
  [
    'the edge of the window',
    [
      [1025, taken],
      [1, replayed],
      [2, taken],
      [2, replayed],
      [1026, taken],
      [2, replayed],
      [3, taken],
    ],
  ],
  [
    'a window that has not moved far',
    [
      [1024, taken],
      [1, taken],
      [1, replayed],
      [1025, taken],
      [1, replayed],
    ],
  ],
  [
    'behind the window',
    [
      [100_000, taken],
      [98_976, replayed],
      [98_975, replayed],
      [1, replayed],
      [98_977, taken],
      [98_977, replayed],
    ],
  ],
  [
    'a leap as wide as the window forgets all before it',
    [
      [1, taken],
      [2, taken],
      [1026, taken],
      [2, replayed],
      [1, replayed],
      [3, taken],
      [1025, taken],
      [1026, replayed],
    ],
  ],
  [
    'a leap far beyond the window leaves nothing marked in it',
    [[10, taken], [1_000_000, taken], ...range(998_977, 999_010).map((n): Step => [n, taken]), [998_976, replayed]],
  ],
  [
    'leaps of one word of a bitmap',
    [31, 32, 33, 63, 64, 65, 95, 96, 97].flatMap((n): Step[] => [
      [n, taken],
      [n, replayed],
    ]),
  ],
  [
    'the numbers of a ring come round without their marks',
    [
      ...range(1, 64).map((n): Step => [n, taken]),
      [1088, taken],
      ...range(65, 128).map((n): Step => [n, taken]),
      [64, replayed],
    ],
  ],
  [
    'a word of a bitmap that both ends of the window stand in',
    [
      ...range(1, 40).map((n): Step => [n, taken]),
      [1024, taken],
      ...range(1, 40).map((n): Step => [n, replayed]),
      [1040, taken],
      ...range(17, 40).map((n): Step => [n, replayed]),
    ],
  ],
  [
    'the last sequences of a session',
    [
      [Number(sessionMaxMessages) - 1, taken],
      [Number(sessionMaxMessages), taken],
      [Number(sessionMaxMessages) - 1023, taken],
      [Number(sessionMaxMessages) - 1024, replayed],
    ],
  ],
];

export function replayFile(): VectorFile {
  return {
    about:
      'Replay windows (PROTOCOL.md, Replay): sequences of authentic messages as they arrive, and whether each is taken. ' +
      'Every series begins with an unused window.',
    series: windows.map(([name, steps]) => ({
      name,
      steps: steps.map(([sequence, verdict]) => ({ sequence, verdict })),
    })),
  };
}

const epochs = [6, 7, 8, 10].map((epoch) => ({ epoch, key: draw(`epoch key ${epoch}`, 32) }));

function keyOf(epoch: number): Uint8Array {
  return epochs.find((one) => one.epoch === epoch)?.key ?? draw(`epoch key ${epoch}`, 32);
}

function welcome(nowMs: number, epoch: number, head: number) {
  return { nowMs, welcome: { epoch, key: toHex(keyOf(epoch)), head }, verdict: taken };
}

function advance(nowMs: number, epoch: number, verdict = taken) {
  return { nowMs, epoch: { epoch, key: toHex(keyOf(epoch)), head: 0 }, verdict };
}

function broadcast(nowMs: number, epoch: number, number: number, verdict = taken) {
  const command = { ...textCommand, target: everyone, id: draw(`command of broadcast ${number}`, 16) };
  const nonce = draw(`nonce of broadcast ${number} in epoch ${epoch}`, 12);
  const sealed = sealBroadcast(signingSeed, { epoch, key: keyOf(epoch) }, number, command, nonce);
  return { nowMs, ...sealed, verdict };
}

function underTopicOf(epoch: number, step: ReturnType<typeof broadcast>) {
  return { ...step, topic: epochKeys(keyOf(epoch)).epochTopic };
}

export function epochsFile(): VectorFile {
  const series = [
    {
      name: 'an EPOCH below or equal to the current one is refused',
      steps: [
        welcome(0, 7, 0),
        advance(1, 7, 'epoch.rollback'),
        advance(2, 6, 'epoch.rollback'),
        advance(3, 8),
        advance(4, 8, 'epoch.rollback'),
        advance(5, 7, 'epoch.rollback'),
        advance(6, 10),
        advance(7, 8, 'epoch.rollback'),
      ],
    },
    {
      name: 'a refused EPOCH leaves the current one as it was',
      steps: [welcome(0, 7, 0), advance(1, 6, 'epoch.rollback'), broadcast(2, 7, 1), broadcast(3, 6, 2, 'key.unknown')],
    },
    {
      name: 'the epoch before stays open for overlapMs',
      steps: [
        welcome(0, 7, 0),
        advance(1000, 8),
        broadcast(1001, 7, 1),
        broadcast(1002, 8, 2),
        broadcast(10_999, 7, 3),
        broadcast(11_001, 7, 4, 'key.unknown'),
        broadcast(11_002, 8, 5),
      ],
    },
    {
      name: 'numbers have one window over all epochs',
      steps: [
        welcome(0, 7, 0),
        broadcast(1, 7, 1),
        advance(2, 8),
        broadcast(3, 8, 1, 'sequence.replayed'),
        broadcast(4, 8, 2),
      ],
    },
    {
      name: 'a broadcast under the topic of another epoch is refused',
      steps: [welcome(0, 7, 0), advance(1, 8), underTopicOf(7, broadcast(2, 8, 1, 'key.unknown')), broadcast(3, 8, 1)],
    },
    {
      name: 'an epoch that has not begun here is unknown',
      steps: [welcome(0, 7, 0), broadcast(1, 8, 1, 'key.unknown'), advance(2, 8), broadcast(3, 8, 1)],
    },
    {
      name: 'a WELCOME sets the epoch, also to a lower one, and the window stays',
      steps: [
        welcome(0, 8, 0),
        broadcast(1, 8, 1),
        welcome(2, 7, 1),
        broadcast(3, 7, 1, 'sequence.replayed'),
        broadcast(4, 7, 2),
      ],
    },
  ];
  return {
    about:
      'Epochs as a node lives through them (PROTOCOL.md, Broadcasts and epochs): at nowMs comes a WELCOME, an EPOCH or a ' +
      'BROADCAST (topic and frame), and verdict says whether it is taken or which error it is. Commands never expire here.',
    given: inJson({ signingPublicKey: signing, masterId: ids.masterId }),
    series: series.map((one) => inJson(one)),
  };
}

type Said = [nowMs: number, times: number, verdict: typeof taken | 'rate.exceeded'];

const allowances: [name: string, said: Said[]][] = [
  [
    'sessionBurst at once, and not one more',
    [
      [0, 128, taken],
      [0, 2, 'rate.exceeded'],
    ],
  ],
  [
    'one more with every 31.25 ms',
    [
      [0, 128, taken],
      [31, 1, 'rate.exceeded'],
      [32, 1, taken],
      [32, 1, 'rate.exceeded'],
      [62, 1, 'rate.exceeded'],
      [63, 1, taken],
      [125, 2, taken],
      [125, 1, 'rate.exceeded'],
    ],
  ],
  [
    'what is refused costs nothing',
    [
      [0, 128, taken],
      [20, 50, 'rate.exceeded'],
      [32, 1, taken],
      [32, 1, 'rate.exceeded'],
    ],
  ],
  [
    'a second of silence gives sessionRate, an hour no more than sessionBurst',
    [
      [5000, 128, taken],
      [6000, 32, taken],
      [6000, 1, 'rate.exceeded'],
      [3_606_000, 128, taken],
      [3_606_000, 1, 'rate.exceeded'],
    ],
  ],
  [
    'a clock that goes back gives nothing, and takes nothing',
    [
      [10_000, 100, taken],
      [1000, 28, taken],
      [1000, 1, 'rate.exceeded'],
      [2000, 32, taken],
      [2000, 1, 'rate.exceeded'],
    ],
  ],
];

export function allowanceFile(): VectorFile {
  return {
    about:
      'What a session may say (PROTOCOL.md, Allowance). series: one allowance each, which is made at the time of its first ' +
      'step; in each step as many messages as times says come at nowMs, and each gets the verdict.',
    series: allowances.map(([name, said]) => ({
      name,
      steps: said.map(([nowMs, times, verdict]) => ({ nowMs, times, verdict })),
    })),
  };
}
