// Settings come from the environment, through envalid. Every fault is found before any is told.
import { cleanEnv, EnvMissingError, type CleanedEnv, type ValidatorSpec } from 'envalid';

type Spec = Record<string, ValidatorSpec<unknown>>;

/** The message holds one line a fault, each with what to write instead. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
}

/** Looks at settings that depend on one another, as they stand in the environment; gives one line a fault. */
export type Rule = (env: Readonly<Record<string, string | undefined>>) => string | undefined;

/**
 * Reads the settings that `spec` names. An empty value counts as not set, as Compose passes `${name:-}`.
 * Throws SettingsError, listing every fault at once.
 */
export function readSettings<S extends Spec>(
  spec: S,
  env: NodeJS.ProcessEnv = process.env,
  rules: Rule[] = [],
): CleanedEnv<S> {
  const filled = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const hints = new Map(Object.entries(spec));
  return cleanEnv(filled, spec, {
    reporter: ({ errors }) => {
      const faults = Object.entries(errors).map(([name, error]) => describe(name, error, hints.get(name) ?? {}));
      for (const rule of rules) faults.push(...[rule(filled)].filter((fault) => fault !== undefined));
      if (faults.length > 0) throw new SettingsError(faults.join('\n'));
    },
  });
}

// A message shows what a setting holds; an invite that was pasted into the wrong one stays a secret.
const invites = /sealcast1:[\w-]+/g;

function describe(name: string, error: unknown, { desc, example }: { desc?: string; example?: string }): string {
  const instead = example === undefined ? '' : `, e.g. ${name}=${example}`;
  if (error instanceof EnvMissingError) return `${name} is not set: ${desc ?? 'it is needed'}${instead}`;
  const fault = error instanceof Error ? error.message : String(error);
  return `${name} ${fault.replaceAll(invites, 'sealcast1:…')}${instead}`;
}
