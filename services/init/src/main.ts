import { hostname } from 'node:os';
import { SettingsError } from '@sealcast/runtime/settings';
import { carryOut } from './carry-out.ts';
import { failureText, faultsText, settingsText } from './faults.ts';
import { plan } from './plan.ts';
import { initSettings } from './settings.ts';
import { Survey } from './survey.ts';
import { painter, tableOf } from './table.ts';
import { usage } from './usage.ts';

process.umask(0o077);

const paint = painter(process.stdout.isTTY && process.stdout.hasColors());
const paintError = painter(process.stderr.isTTY && process.stderr.hasColors());

async function init(): Promise<number> {
  const settings = initSettings();
  const survey = new Survey(settings, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
  const steps = await plan(survey, settings, hostname(), new Date());
  if (survey.findings.faults.length > 0) return fail(faultsText(survey.findings.faults, paintError));
  const outcomes = carryOut(steps, survey);
  process.stdout.write(tableOf(outcomes, survey.findings, paint));
  return 0;
}

function fail(text: string): number {
  process.stderr.write(text);
  return 1;
}

async function main([first, ...rest]: string[]): Promise<number> {
  if (first === '--help' && rest.length === 0) {
    process.stdout.write(usage());
    return 0;
  }
  if (first !== undefined) return fail(usage());
  try {
    return await init();
  } catch (error) {
    return fail(
      error instanceof SettingsError ? settingsText(error.message, paintError) : failureText(error, paintError),
    );
  }
}

void main(process.argv.slice(2)).then((exitCode) => (process.exitCode = exitCode));
