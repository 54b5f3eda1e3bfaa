import { hostname } from 'node:os';
import { SettingsError } from '@sealcast/runtime/settings';
import { carryOut } from './carry-out.ts';
import { curvePairText } from './curve-command.ts';
import { failureText, faultsText, settingsText } from './faults.ts';
import { givenMax, planGiven } from './given-certificate.ts';
import { plan } from './plan.ts';
import { planRotation, rotationText } from './rotation.ts';
import { initSettings, type Settings } from './settings.ts';
import { Survey } from './survey.ts';
import { painter, tableOf } from './table.ts';
import { usage } from './usage.ts';

process.umask(0o077);

const paint = painter(process.stdout.isTTY && process.stdout.hasColors());
const paintError = painter(process.stderr.isTTY && process.stderr.hasColors());

function surveyNow(settings: Settings): Survey {
  return new Survey(settings, { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 });
}

async function init(): Promise<number> {
  const settings = initSettings();
  const survey = surveyNow(settings);
  const steps = await plan(survey, settings, hostname(), new Date());
  if (survey.findings.faults.length > 0) return fail(faultsText(survey.findings.faults, paintError));
  const outcomes = carryOut(steps, survey);
  process.stdout.write(tableOf(outcomes, survey.findings, paint));
  return 0;
}

async function rotate(): Promise<number> {
  const survey = surveyNow(initSettings());
  const rotation = planRotation(survey);
  if (rotation === undefined) return fail(faultsText(survey.findings.faults, paintError));
  rotation.carryOut();
  process.stdout.write(rotationText(survey, rotation));
  return 0;
}

async function certificate(): Promise<number> {
  const survey = surveyNow(initSettings());
  const given = planGiven(survey, await standardInput(givenMax), new Date());
  if (given === undefined) return fail(faultsText(survey.findings.faults, paintError));
  given.carryOut();
  process.stdout.write(given.text);
  return 0;
}

/** Reads no further once there is more than `max`. */
async function standardInput(max: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > max) break;
  }
  return Buffer.concat(chunks);
}

async function curve(): Promise<number> {
  process.stdout.write(curvePairText());
  return 0;
}

async function help(): Promise<number> {
  process.stdout.write(usage());
  return 0;
}

function fail(text: string): number {
  process.stderr.write(text);
  return 1;
}

const commands = new Map<string | undefined, () => Promise<number>>([
  [undefined, init],
  ['certificate', certificate],
  ['curve', curve],
  ['rotate', rotate],
  ['--help', help],
]);

async function main([first, ...rest]: string[]): Promise<number> {
  const command = commands.get(first);
  if (command === undefined || rest.length > 0) return fail(usage());
  try {
    return await command();
  } catch (error) {
    return fail(
      error instanceof SettingsError ? settingsText(error.message, paintError) : failureText(error, paintError),
    );
  }
}

void main(process.argv.slice(2)).then((exitCode) => (process.exitCode = exitCode));
