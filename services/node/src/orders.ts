// What the master orders: checked for target and expiry, done at most once, answered with a receipt.
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Command, Receipt } from '@sealcast/channel/payloads';
import type { Logger } from '@sealcast/runtime/log';
import type { CommandLog } from './command-log.ts';
import type { Interval } from './interval.ts';

export interface OrdersOptions {
  /** This node's id. */
  id: Uint8Array;
  commandLog: CommandLog;
  /** The master's time, ms since 1970. */
  now: () => number;
  interval: Interval;
  answer: (receipt: Receipt) => void;
  refused: (code: RefusalCode) => void;
  log: Logger;
}

/** `command` came in a seal that proves the master. */
export function obey(command: Command, options: OrdersOptions): void {
  const { id, commandLog, now, answer, refused } = options;
  const forEveryone = command.target.every((byte) => byte === 0);
  if (!forEveryone && Buffer.compare(command.target, id) !== 0) return refused('command.target');
  const key = Buffer.from(command.id).toString('hex');
  const before = commandLog.outcomeOf(key);
  if (before !== undefined) return answer({ command: command.id, ...before });
  if (command.expires <= now()) {
    refused('command.expired');
    return answer({ command: command.id, outcome: 'expired' });
  }
  attempt(key, command, options);
  answer({ command: command.id, outcome: 'failed', ...commandLog.outcomeOf(key) });
}

function attempt(key: string, command: Command, options: OrdersOptions): void {
  const { commandLog, log } = options;
  try {
    commandLog.begin(key, command.expires);
  } catch (error) {
    log.error({ err: error }, 'a command was not begun');
    return;
  }
  try {
    act(command, options);
    commandLog.finish(key, 'done');
  } catch (error) {
    log.error({ err: error }, 'a command failed');
    commandLog.finish(key, 'failed');
  }
}

function act({ action, issued }: Command, { log, interval }: OrdersOptions): void {
  switch (action.type) {
    case 'text':
      log.info({ text: action.text }, 'a message from the master');
      return;
    case 'interval':
      if (!interval.order(action.seconds, issued)) return;
      log.info({ seconds: action.seconds }, 'the master set the reporting interval');
      return;
  }
}
