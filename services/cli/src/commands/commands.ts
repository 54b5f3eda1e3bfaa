// Every command, in the order in which --help lists them.
import type { Command } from '../command/command.ts';
import { backup } from './backup.ts';
import { backupSettings, backupVerify, restore } from './backup-file.ts';
import { broadcasts } from './broadcast.ts';
import { invite, inviteList, inviteWithdraw } from './invite.ts';
import { nodes } from './nodes.ts';
import { remove } from './remove.ts';
import { rename } from './rename.ts';
import { signIn, signOut } from './sign-in.ts';
import { status } from './status.ts';
import { watch } from './watch.ts';

export const commands: readonly Command[] = [
  status,
  nodes,
  watch,
  invite,
  inviteList,
  inviteWithdraw,
  ...broadcasts,
  rename,
  remove,
  backup,
  backupVerify,
  backupSettings,
  restore,
  signIn,
  signOut,
];
