// A browser in the network of a container. In the machine's own, Chromium breaks off whatever is under way over HTTP/2
// (ERR_NETWORK_CHANGED) when an address comes or goes, and with every container that starts or stops one does.
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { docker } from './docker.ts';

const program = '/usr/bin/chromium';
const quiet = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'];

/** To enter a network takes root; with CI=true it is a failure where that or the browser is missing. */
export const ableToBrowse = (process.getuid?.() === 0 && existsSync(program)) || process.env['CI'] === 'true';

/** @param rule of Chromium's --host-resolver-rules */
export async function browserIn(container: string, rule: string): Promise<Browser> {
  const pid = Number(await docker(['inspect', '--format', '{{.State.Pid}}', container]));
  const folder = mkdtempSync(join(tmpdir(), 'sealcast-browser-'));
  try {
    const executablePath = join(folder, 'browser');
    writeFileSync(executablePath, `#!/bin/sh\nexec nsenter --net=/proc/${pid}/ns/net ${program} "$@"\n`, {
      mode: 0o755,
    });
    return await chromium.launch({ executablePath, args: [...quiet, `--host-resolver-rules=${rule}`] });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
