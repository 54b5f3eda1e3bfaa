import { systemEntropy } from '@sealcast/channel/entropy';
import { createLog } from '@sealcast/runtime/log';
import { run } from '@sealcast/runtime/run';
import { answerHealth, askHealth } from './health.ts';
import { startNode } from './node.ts';
import { nodeSettings } from './settings.ts';

async function start(): Promise<() => Promise<void>> {
  const settings = nodeSettings();
  const log = await createLog('node', settings.log_level);
  const node = startNode(settings, systemEntropy, log);
  const health = await answerHealth(settings.state_dir, () => node.isLive);
  return async () => {
    health.close();
    await node.stop();
  };
}

if (process.argv.includes('--health')) process.exit((await askHealth(nodeSettings().state_dir)) ? 0 : 1);
else await run('node', start);
