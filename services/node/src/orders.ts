// What the master orders: checked for target, expiry and this node's policy, done at most once, answered with a receipt.
import type { RefusalCode } from '@sealcast/channel/errors';
import type { Command, Receipt } from '@sealcast/channel/payloads';
import type { Logger } from '@sealcast/runtime/log';
import type { CommandLog, Outcome } from './command-log.ts';
import type { Interval } from './interval.ts';
import type { Level, Ordered } from './policy/policy.ts';
import type { ProgramOrder } from './run/program.ts';

export interface OrdersOptions {
  /** This node's id. */
  id: Uint8Array;
  commandLog: CommandLog;
  /** The master's time, ms since 1970. */
  now: () => number;
  policy: { readonly level: Level; allows: (order: Ordered) => boolean };
  interval: Interval;
  programs: { run: (order: ProgramOrder) => Promise<Outcome> };
  /** Takes a new identity, for the command of that id (32 hex digits); resolves when the master knows it. */
  rotate: (command: string) => Promise<Outcome>;
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
  // Its receipt comes with its end.
  if (commandLog.isUnderWay(key)) return;
  const before = commandLog.outcomeOf(key);
  if (before !== undefined) return answer({ command: command.id, ...before });
  if (command.expires <= now()) {
    refused('command.expired');
    return answer({ command: command.id, outcome: 'expired' });
  }
  attempt(key, command, options);
}

/** The command of that id (32 hex digits), which an earlier run began, goes on in this one; `ended` tells how it ends. */
export function resume(key: string, ended: Promise<Outcome>, options: OrdersOptions): void {
  if (options.commandLog.resume(key)) follow(key, ended, options);
}

function attempt(key: string, command: Command, options: OrdersOptions): void {
  const { commandLog, log } = options;
  try {
    commandLog.begin(key, command.expires);
  } catch (error) {
    log.error({ err: error }, 'a command was not begun');
    return tell(key, options);
  }
  try {
    const ended = act(key, command, options);
    if (ended instanceof Promise) follow(key, ended, options);
    else end(key, ended, options);
  } catch (error) {
    fail(key, error, options);
  }
}

function follow(key: string, ended: Promise<Outcome>, options: OrdersOptions): void {
  ended.then((outcome) => end(key, outcome, options)).catch((error: unknown) => fail(key, error, options));
}

function fail(key: string, error: unknown, options: OrdersOptions): void {
  options.log.error({ err: error }, 'a command failed');
  end(key, { outcome: 'failed' }, options);
}

function end(key: string, { outcome, detail, output }: Outcome, options: OrdersOptions): void {
  options.commandLog.finish(key, outcome, detail, output);
  tell(key, options);
}

function tell(key: string, { commandLog, answer }: OrdersOptions): void {
  answer({ command: Buffer.from(key, 'hex'), outcome: 'failed', ...commandLog.outcomeOf(key) });
}

const done: Outcome = { outcome: 'done' };

function act(key: string, { action, issued }: Command, options: OrdersOptions): Outcome | Promise<Outcome> {
  const { policy, log, interval, programs, rotate } = options;
  if (!policy.allows(action)) {
    log.warn(
      { action: action.type, policy: policy.level },
      'the master ordered what the policy of this node does not allow',
    );
    return { outcome: 'refused', detail: `this node's policy is ${policy.level}` };
  }
  switch (action.type) {
    case 'text':
      log.info({ text: action.text }, 'a message from the master');
      return done;
    case 'interval':
      if (interval.order(action.seconds, issued))
        log.info({ seconds: action.seconds }, 'the master set the reporting interval');
      return done;
    case 'rotate':
      return rotate(key);
    case 'run':
      log.info({ program: action.program, arguments: action.arguments }, 'the master runs a program here');
      return programs.run(action);
    default:
      return action satisfies never;
  }
}
