import { systemEntropy } from '@sealcast/channel/entropy';
import { createLog } from '@sealcast/runtime/log';
import { run } from '@sealcast/runtime/run';
import { keepPoolsSmall } from './buffer-pool.ts';
import { collectLaterGarbage } from './later-garbage.ts';
import { startNode } from './node.ts';
import { nodeSettings } from './settings.ts';

keepPoolsSmall();
collectLaterGarbage();
void run('node', () => {
  const settings = nodeSettings();
  const node = startNode(settings, systemEntropy, createLog('node', settings.log_level));
  return () => node.stop();
});
