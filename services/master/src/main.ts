import { systemEntropy } from '@sealcast/channel/entropy';
import { createLog } from '@sealcast/runtime/log';
import { run } from '@sealcast/runtime/run';
import { startMaster } from './master.ts';
import { masterSettings } from './settings.ts';

await run('master', async () => {
  const settings = masterSettings();
  const log = await createLog('master', settings.log_level);
  const master = await startMaster(settings, systemEntropy, log);
  return () => master.stop();
});
