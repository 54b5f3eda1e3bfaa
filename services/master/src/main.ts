import { systemEntropy } from '@sealcast/channel/entropy';
import { createLog } from '@sealcast/runtime/log';
import { run } from '@sealcast/runtime/run';
import { startMaster } from './master.ts';
import { masterSettings } from './settings.ts';

void run('master', async () => {
  const settings = masterSettings();
  const master = await startMaster(settings, systemEntropy, createLog('master', settings.log_level));
  return () => master.stop();
});
