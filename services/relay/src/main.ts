import { createLog } from '@sealcast/runtime/log';
import { run } from '@sealcast/runtime/run';
import { startRelay } from './relay.ts';
import { relaySettings } from './settings.ts';

void run('relay', async () => {
  const settings = relaySettings();
  const relay = await startRelay(settings, createLog('relay', settings.log_level));
  return () => relay.stop();
});
