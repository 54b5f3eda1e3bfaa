import { systemEntropy } from '@sealcast/channel/entropy';
import { createLog } from '@sealcast/runtime/log';
import { run } from '@sealcast/runtime/run';
import { startNode } from './node.ts';
import { nodeSettings } from './settings.ts';

void run('node', () => {
  const settings = nodeSettings();
  const node = startNode(settings, systemEntropy, createLog('node', settings.log_level));
  return () => node.stop();
});
